/* Any bytes as an archive: each entry is read, and what is called fit stays in the folder. */
#include <assert.h>
#include <sys/mman.h>
#include <unistd.h>

#include "plugins/tools/archive-handler/names.h"
#include "plugins/tools/archive-handler/reader.h"
#include "plugins/tools/archive-handler/zip_sizes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);
const char *__asan_default_options(void);

/* A decoder may ask for 4 GiB, and gets nothing: as in a helper, whose memory has a limit. */
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1:max_allocation_size_mb=256";
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static char limit[] = "-malloc_limit_mb=16384";
    static char *with[64];
    assert(*argc < 62);
    memcpy(with, *argv, (size_t)*argc * sizeof(*with));
    /* Before the folders, behind the name. */
    memmove(with + 2, with + 1, (size_t)(*argc - 1) * sizeof(*with));
    with[1] = limit;
    with[++*argc] = NULL;
    *argv = with;
    return 0;
}

static int32_t nothing(void *ctx, hexmcp_call call, double done, double total, hexmcp_str words)
{
    (void)ctx;
    (void)call;
    (void)done;
    (void)total;
    (void)words;
    return HEXMCP_OK;
}

static void check_clean(const char *name)
{
    char again[NAME_BYTES_MAX + 1];
    assert(name[0] != '/' && strlen(name) <= NAME_BYTES_MAX);
    assert(name_clean(name, again) == NULL && strcmp(again, name) == 0);
    for (const char *part = name; *part;) {
        size_t len = strcspn(part, "/");
        assert(len > 0 && len <= 255 && strncmp(part, "..", len > 2 ? len : 2) != 0);
        part += len + (part[len] == '/');
    }
}

struct sum {
    uint64_t end;
};

static int32_t take(void *arg, const void *data, size_t len, uint64_t offset)
{
    struct sum *sum = arg;
    volatile char touched = ((const char *)data)[len - 1];
    (void)touched;
    assert(offset >= sum->end && offset + len <= ENTRY_BYTES_MAX);
    sum->end = offset + len;
    return HEXMCP_OK;
}

static void read_all(struct reader *reader, struct names *names)
{
    static struct item item;
    bool more = true;
    while (reader_next(reader, &item, &more) == HEXMCP_OK && more) {
        struct sum sum = {0};
        uint64_t bytes;
        if (!item.problem) {
            check_clean(item.clean);
            if (item.kind == KIND_HARD_LINK)
                check_clean(item.target);
            if (item.clean[0] != '\0')
                names_add(names, item.clean, NAME_FILE);
        }
        if (reader_data(reader, &item, take, &sum, &bytes) != HEXMCP_OK)
            return;
        assert(sum.end <= bytes && reader->total <= TOTAL_BYTES_MAX);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const hexmcp_host host = {.size = sizeof(host), .progress = nothing};
    hexmcp_error err = {.size = sizeof(err)};
    const hexmcp_round r = {.host = &host, .err = &err};
    struct names names = {0}, sizes = {0};
    struct reader reader;
    int fd = memfd_create("archive", MFD_CLOEXEC);
    assert(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    zip_sizes_read(fd, size, &sizes);
    if (reader_open(&r, "archive", fd, &reader) == HEXMCP_OK) {
        read_all(&reader, &names);
        reader_close(&reader);
    }
    names_free(&names);
    names_free(&sizes);
    return 0;
}
