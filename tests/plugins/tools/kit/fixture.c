#include "tests/plugins/tools/kit/fixture.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static const void *get_interface(void *ctx, const char *id)
{
    struct fake *f = ctx;
    return strcmp(id, HEXMCP_FILES_1) == 0 && !f->no_files ? &f->files : NULL;
}

static int32_t complete(void *ctx, hexmcp_call call, uint32_t outcome, hexmcp_str json)
{
    struct fake *f = ctx;
    assert_int_equal(call, 7);
    assert_null(f->json);
    f->outcome = outcome;
    f->json = strndup(json.ptr, json.len);
    return HEXMCP_OK;
}

static int32_t progress(void *ctx, hexmcp_call call, double done, double total, hexmcp_str message)
{
    struct fake *f = ctx;
    (void)call;
    (void)total;
    (void)message;
    f->progress++;
    f->last_progress = done;
    return HEXMCP_OK;
}

static int32_t cancelled(void *ctx, hexmcp_call call)
{
    (void)call;
    return ((struct fake *)ctx)->cancelled;
}

static int at_folder(const struct fake *f)
{
    return open(f->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int32_t open_file(void *ctx, hexmcp_call call, hexmcp_str path, uint32_t flags, int32_t *fd,
                         hexmcp_error *err)
{
    struct fake *f = ctx;
    char name[300];
    int at = at_folder(f);
    assert_int_equal(call, 7);
    assert_int_equal(flags, HEXMCP_FILES_READ);
    snprintf(name, sizeof(name), "%.*s", (int)path.len, path.ptr);
    *fd = openat(at, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    close(at);
    return *fd >= 0 ? HEXMCP_OK : hexmcp_fail(err, HEXMCP_E_NOT_FOUND, "%s is not there", name);
}

static int32_t open_parent(void *ctx, hexmcp_call call, hexmcp_str path, uint32_t access, int32_t *fd,
                           char name[HEXMCP_FILES_NAME_MAX + 1], hexmcp_error *err)
{
    assert_int_equal(call, 7);
    assert_int_equal(access, HEXMCP_FILES_WRITE);
    if (path.len >= 6 && memcmp(path.ptr, "denied", 6) == 0)
        return hexmcp_fail(err, HEXMCP_E_DENIED, "not granted");
    snprintf(name, HEXMCP_FILES_NAME_MAX + 1, "%.*s", (int)path.len, path.ptr);
    *fd = at_folder(ctx);
    return HEXMCP_OK;
}

int fake_setup(void **state)
{
    struct fake *f = calloc(1, sizeof(*f));
    strcpy(f->folder, "/tmp/hexmcp-kit-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    f->host = (hexmcp_host){.size = sizeof(f->host),
                            .ctx = f,
                            .get_interface = get_interface,
                            .complete = complete,
                            .progress = progress};
    f->calls = (hexmcp_call_info_1){.size = sizeof(f->calls), .ctx = f, .cancelled = cancelled};
    f->files = (hexmcp_files_1){
        .size = sizeof(f->files), .ctx = f, .open = open_file, .parent = open_parent};
    f->r = (hexmcp_round){.host = &f->host, .calls = &f->calls, .call = 7, .err = &f->err};
    *state = f;
    return 0;
}

int fake_teardown(void **state)
{
    struct fake *f = *state;
    DIR *dir = opendir(f->folder);
    struct dirent *entry;
    while ((entry = readdir(dir)))
        if (unlinkat(dirfd(dir), entry->d_name, 0) != 0)
            unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR);
    closedir(dir);
    assert_int_equal(rmdir(f->folder), 0);
    free(f->json);
    free(f);
    return 0;
}

const char *fake_path(const struct fake *f, const char *name)
{
    static char path[400];
    snprintf(path, sizeof(path), "%s/%s", f->folder, name);
    return path;
}

void fake_write(const struct fake *f, const char *name, const char *text)
{
    FILE *file = fopen(fake_path(f, name), "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

void fake_holds(const struct fake *f, const char *name, const char *text, unsigned mode)
{
    char got[300] = "";
    struct stat about;
    FILE *file = fopen(fake_path(f, name), "r");
    assert_non_null(file);
    got[fread(got, 1, sizeof(got) - 1, file)] = '\0';
    assert_int_equal(fstat(fileno(file), &about), 0);
    fclose(file);
    assert_string_equal(got, text);
    if (mode)
        assert_int_equal(about.st_mode & 0777, mode);
}

size_t fake_count(const struct fake *f)
{
    DIR *dir = opendir(f->folder);
    size_t count = 0;
    while (readdir(dir))
        count++;
    closedir(dir);
    return count - 2;
}

void failed_with(const struct fake *f, int32_t status, int32_t want, const char *text)
{
    assert_int_equal(status, want);
    assert_string_equal(f->err.text, text);
}
