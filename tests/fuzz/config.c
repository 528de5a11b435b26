/*
 * The first byte says whose file it is, the rest is the file.
 *
 * Any bytes as a configuration file: a check tells of faults if and only if loading fails, each with a
 * place in the file, and loading names the first of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "adapters/driven/config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    unsigned count;
    size_t lines; /* of the file */
    char first[2 * ERROR_TEXT_SIZE];
};

static void check(bool good)
{
    if (!good)
        abort();
}

static void see(void *ctx, const struct config_fault *fault)
{
    struct seen *seen = ctx;
    check(fault->line >= 1 && fault->line <= seen->lines && fault->column >= 1);
    check(fault->text[0] != '\0');
    if (seen->count++ == 0)
        snprintf(seen->first, sizeof(seen->first), "%s:%u:%u: %s", fault->source, fault->line,
                 fault->column, fault->text);
}

static size_t count_lines(const uint8_t *data, size_t size)
{
    size_t lines = 1;
    for (size_t i = 0; i < size; i++)
        lines += data[i] == '\n';
    return lines;
}

static void try_file(const char *path, bool project, size_t lines)
{
    struct config_sources sources = {.user_path = project ? NULL : path,
                                     .project_path = project ? path : NULL};
    struct seen seen = {.lines = lines};
    struct config *config;
    struct error err = {0};
    check(config_check(&sources, see, &seen, &err) == ST_OK);
    int rc = config_load(&sources, &config, &err);
    check((rc == ST_OK) == (seen.count == 0));
    if (rc)
        check(strncmp(seen.first, err.text, ERROR_TEXT_SIZE / 2) == 0);
    else
        config_free(config);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    char path[32];
    int fd = memfd_create("config", MFD_CLOEXEC);
    check(fd >= 0 && write(fd, data + 1, size - 1) == (ssize_t)(size - 1));
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    try_file(path, data[0] == 'p', count_lines(data + 1, size - 1));
    close(fd);
    return 0;
}
