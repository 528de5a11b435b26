/*
 * SPDX-License-Identifier: MIT
 */
#include "info.h"

#include "hexmcp/host/files.h"

#include <time.h>
#include <unistd.h>

const char *info_type(mode_t mode)
{
    return S_ISREG(mode) ? "file" : S_ISDIR(mode) ? "folder" : S_ISLNK(mode) ? "link" : "other";
}

void info_time(const struct timespec *time, char text[TIME_ROOM])
{
    struct tm parts;
    size_t len = 0;
    if (gmtime_r(&time->tv_sec, &parts))
        len = strftime(text, TIME_ROOM, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text + len, TIME_ROOM - len, ".%09ldZ", time->tv_nsec);
}

void info_put_time(hexmcp_json_writer *out, const char *key, const struct timespec *time)
{
    char text[TIME_ROOM];
    info_time(time, text);
    hexmcp_json_put_text(out, key, text);
}

void info_put_target(hexmcp_json_writer *out, int folder, const char *name)
{
    char target[HEXMCP_FILES_PATH_MAX];
    ssize_t len = readlinkat(folder, name, target, sizeof(target));
    if (len >= 0)
        hexmcp_json_put_string(out, "target", (hexmcp_str){target, (size_t)len});
}
