/*
 * SPDX-License-Identifier: MIT
 */
#include "disks.h"

#include "text_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

/* A mount, whose texts are in the line. */
struct mount {
    char *device, *point, *type;
};

static bool is_local(const char *type)
{
    static const char *const local[] = {"ext2",  "ext3",  "ext4",  "xfs",    "btrfs",    "zfs",
                                        "f2fs",  "jfs",   "vfat",  "exfat",  "ntfs",     "ntfs3",
                                        "udf",   "hfsplus", "reiserfs", "bcachefs", "overlay", "nilfs2"};
    for (size_t i = 0; i < sizeof(local) / sizeof(local[0]); i++)
        if (strcmp(type, local[i]) == 0)
            return true;
    return false;
}

/* "\040" and others stand for characters that would end the word. */
static void unescape(char *text)
{
    char *to = text;
    for (; *text; text++)
        if (text[0] == '\\' && text[1] >= '0' && text[1] <= '3' && text[2] >= '0' && text[2] <= '7' &&
            text[3] >= '0' && text[3] <= '7') {
            *to++ = (char)((text[1] - '0') * 64 + (text[2] - '0') * 8 + (text[3] - '0'));
            text += 3;
        } else {
            *to++ = *text;
        }
    *to = '\0';
}

/* id, parent, major:minor, root, mount point, options, fields up to "-", type. */
static bool parse(char *line, struct mount *out)
{
    char *save = NULL, *word = strtok_r(line, " ", &save);
    *out = (struct mount){0};
    for (int i = 0; word && strcmp(word, "-") != 0; i++, word = strtok_r(NULL, " ", &save)) {
        if (i == 2)
            out->device = word;
        else if (i == 4)
            out->point = word;
    }
    out->type = word ? strtok_r(NULL, " ", &save) : NULL;
    if (!out->type || !out->point)
        return false;
    unescape(out->point);
    return true;
}

static bool is_known(char *const *devices, size_t count, const char *device)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(devices[i], device) == 0)
            return true;
    return false;
}

static bool measure(const struct mount *m, struct disks *out)
{
    struct statvfs s;
    struct disk *d = &out->at[out->count];
    struct stat about;
    /* Containers mount single files of the machine's disk, such as /etc/hosts. */
    if (stat(m->point, &about) != 0 || !S_ISDIR(about.st_mode) || statvfs(m->point, &s) != 0 || s.f_blocks == 0 || strlen(m->point) >= sizeof(d->mount_point))
        return false;
    uint64_t unit = s.f_frsize ? s.f_frsize : s.f_bsize;
    snprintf(d->mount_point, sizeof(d->mount_point), "%s", m->point);
    snprintf(d->filesystem, sizeof(d->filesystem), "%.31s", m->type);
    d->total = s.f_blocks * unit;
    d->used = s.f_blocks > s.f_bfree ? (s.f_blocks - s.f_bfree) * unit : 0;
    d->available = s.f_bavail * unit;
    out->count++;
    return true;
}

bool disks_read(const char *root, struct disks *out)
{
    char *text = text_file_read(root, "/proc/self/mountinfo"), *save = NULL;
    char *devices[DISKS_MAX];
    size_t known = 0;
    struct mount m;
    *out = (struct disks){.count = 0};
    for (char *line = text ? strtok_r(text, "\n", &save) : NULL; line;
         line = strtok_r(NULL, "\n", &save)) {
        if (!parse(line, &m) || !is_local(m.type) || is_known(devices, known, m.device))
            continue;
        if (out->count == DISKS_MAX || known == DISKS_MAX) {
            out->left_out++;
            continue;
        }
        if (measure(&m, out))
            devices[known++] = m.device;
    }
    free(text);
    return text != NULL;
}

double disk_percent(const struct disk *d)
{
    uint64_t usable = d->used + d->available;
    return usable ? 100.0 * (double)d->used / (double)usable : 0;
}
