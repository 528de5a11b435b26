/* What a reader can do that a foreign archive has taken over: nothing, and nobody believes it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/driven/archive/archive.h"

static char top[] = "/tmp/hexmcp-archive-XXXXXX";

/* Reads an "archive" that tells the hostile reader what to do. */
static int read_as(const char *what, int folder, char id[ARCHIVE_MAX_ID + 1], struct error *err)
{
    int fd = memfd_create("archive", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, what, strlen(what)), (ssize_t)strlen(what));
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    int rc = archive_read(TEST_HOSTILE_DIR, fd, folder, id, err);
    close(fd);
    return rc;
}

static void assert_refused(const char *what, int code, const char *text)
{
    char id[ARCHIVE_MAX_ID + 1], below[PATH_MAX];
    struct error err;
    snprintf(below, sizeof(below), "%s/out", top);
    assert_int_equal(mkdir(below, 0755), 0);
    int folder = open(below, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc = read_as(what, folder, id, &err);
    assert_string_equal(err.text, text);
    assert_int_equal(rc, code);
    close(folder);
    int at = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(archive_remove_folder(at, "out"), 0);
    /* Nothing was made beside it. */
    struct archive_files files;
    assert_int_equal(archive_list(at, &files, &err), ST_OK);
    assert_int_equal(files.count, 0);
    archive_files_clear(&files);
    close(at);
}

static void test_rights(void **state)
{
    (void)state;
    assert_refused("try", ST_INVALID, "opened");
    assert_int_equal(access("/tmp/hexmcp-hostile", F_OK), -1);
}

static void test_lies(void **state)
{
    const char *silent = "cannot be read: the process that reads it ended without a word";
    (void)state;
    assert_refused("die", ST_INVALID, silent);
    assert_refused("garbage", ST_INVALID, silent);
    assert_refused("bytes first", ST_UNAVAILABLE, " cannot be written: Protocol error");
    assert_refused("org.example.x/../../evil", ST_INVALID,
                   "../../evil leads out of the bundle");
    assert_refused("/evil", ST_INVALID, "/evil is an absolute name");
    assert_refused("evil", ST_INVALID,
                   "evil lies in no folder that is named by the id of a plugin");
    assert_refused("", ST_INVALID, " is a name with an empty part");
    assert_refused("org.example.x/", ST_INVALID, " is a name with an empty part");
}

static void test_honest(void **state)
{
    char id[ARCHIVE_MAX_ID + 1], bytes[16];
    struct error err;
    (void)state;
    int at = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(mkdirat(at, "out", 0755), 0);
    int folder = openat(at, "out", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(read_as("good", folder, id, &err), ST_OK);
    assert_string_equal(id, "org.example.x");
    int fd = openat(folder, "a/b", O_RDONLY | O_CLOEXEC);
    assert_int_equal(read(fd, bytes, sizeof(bytes)), 5);
    assert_memory_equal(bytes, "hello", 5);
    close(fd);
    close(folder);
    assert_int_equal(archive_remove_folder(at, "out"), 0);
    close(at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rights), cmocka_unit_test(test_lies),
                                       cmocka_unit_test(test_honest)};
    if (!mkdtemp(top))
        return 1;
    cmocka_set_message_output(CM_OUTPUT_TAP);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    rmdir(top);
    return failed;
}
