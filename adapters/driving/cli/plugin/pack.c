/* "hexmcp plugin pack": a bundle as one file. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/driven/archive/archive.h"
#include "adapters/driving/cli/commands.h"
#include "adapters/driving/cli/plugin/stage.h"

#define PACKED "packed"

struct packing {
    struct workshop workshop;
    struct stage stage;
    char folder[PATH_MAX]; /* that the file is written to */
    char name[NAME_MAX];   /* of the file; "" for that of id and version */
    char digest[DIGEST_TEXT];
};

/* Where the file will be: what --output says, else the working folder. */
static int find_place(const struct invocation *inv, struct packing *p, struct error *err)
{
    const char *output = invocation_option(inv, "output");
    const char *slash = output ? strrchr(output, '/') : NULL;
    const char *name = slash ? slash + 1 : output ? output : "";
    struct stat st;
    if (output && stat(output, &st) == 0 && !S_ISREG(st.st_mode))
        return error_set(err, ST_INVALID, "--output %s: is no file", output);
    if ((output && !name[0]) || strlen(name) >= sizeof(p->name))
        return error_set(err, ST_INVALID, "--output %s: is no name of a file", output);
    int len = slash ? snprintf(p->folder, sizeof(p->folder), "%.*s",
                               slash == output ? 1 : (int)(slash - output), output)
                    : snprintf(p->folder, sizeof(p->folder), ".");
    if (len < 0 || (size_t)len >= sizeof(p->folder))
        return error_set(err, ST_INVALID, "--output: the path is too long");
    memcpy(p->name, name, strlen(name) + 1);
    return ST_OK;
}

static int write_archive(struct packing *p, int folder, int fd, struct error *err)
{
    struct archive_files files;
    int rc = archive_list(folder, &files, err);
    if (rc)
        return rc;
    rc = archive_write(places_modules(p->workshop.places), folder, p->stage.id, &files, fd, err);
    archive_files_clear(&files);
    if (!rc && fsync(fd) != 0)
        rc = error_set(err, ST_UNAVAILABLE, "the archive cannot be written: %s", strerror(errno));
    return rc ? rc : workshop_digest(&p->workshop, fd, p->digest, err);
}

static int make_archive(struct packing *p, struct error *err)
{
    int folder = openat(p->stage.fd, p->stage.id, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int fd = openat(p->stage.fd, PACKED, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    int rc = folder < 0 || fd < 0 ? error_set(err, ST_UNAVAILABLE, "the archive cannot be made: %s",
                                              strerror(errno))
                                  : write_archive(p, folder, fd, err);
    if (fd >= 0)
        close(fd);
    if (folder >= 0)
        close(folder);
    return rc;
}

static int put_in_place(struct packing *p, struct error *err)
{
    if (!p->name[0])
        snprintf(p->name, sizeof(p->name), "%s-%.*s.hexplugin", p->stage.id,
                 STR_ARG(p->stage.version));
    if (renameat(p->stage.fd, PACKED, p->stage.parent, p->name) == 0)
        return ST_OK;
    return error_set(err, ST_UNAVAILABLE, "%s/%s cannot be written: %s", p->folder, p->name,
                     strerror(errno));
}

static int pack(const struct invocation *inv, struct packing *p, struct error *err)
{
    const char *folder = inv->operands[0];
    int rc = find_place(inv, p, err);
    if (!rc)
        rc = workshop_open(inv, &p->workshop, err);
    if (!rc)
        rc = stage_open(p->folder, &p->stage, err);
    if (!rc)
        rc = stage_copy(&p->stage, &p->workshop, folder, true, err);
    if (!rc && (rc = stage_verify(&p->stage, &p->workshop, err)))
        error_prefix(err, "%s: ", folder);
    if (!rc)
        rc = make_archive(p, err);
    return rc ? rc : put_in_place(p, err);
}

static int run(struct invocation *inv)
{
    struct packing p = {.stage = {.fd = -1, .parent = -1}};
    struct error err;
    int rc = pack(inv, &p, &err);
    if (!rc)
        printf("%s  %s%s%s\n", p.digest, strcmp(p.folder, ".") == 0 ? "" : p.folder,
               strcmp(p.folder, ".") == 0 || strcmp(p.folder, "/") == 0 ? "" : "/", p.name);
    stage_clear(&p.stage);
    workshop_close(&p.workshop);
    return rc ? report_error(&err) : EXIT_DONE;
}

static const struct option_spec options[] = {
    {"output", "FILE", "the file to write (default: ID-VERSION.hexplugin here)"},
    {NULL, NULL, NULL},
};

const struct command command_plugin_pack = {
    .name = "plugin pack",
    .operands = "DIR",
    .summary = "Make one file of a bundle, to give to others.",
    .details = "Verifies the bundle as the server does, writes the digest of plugin.so into the\n"
               "manifest in the file, and prints the digest of the file and its name. The same\n"
               "bundle makes the same bytes. DIR is left as it is.\n\n"
               "  hexmcp plugin pack build/org.example.word-counter",
    .options = options,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
