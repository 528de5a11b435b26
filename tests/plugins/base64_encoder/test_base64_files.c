/* Files: the tool over a fake of hexmcp.files/1 that opens names in one temporary folder. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "hexmcp/host/files.h"
#include "hexmcp/json.h"
#include "tests/plugins/support/asserts.h"

#define TOOL "base64-encoder"

static hexmcp_fake_plugin plugin;
static char root[64];
static int root_fd;
static unsigned access_asked;

static int32_t fake_open(void *ctx, hexmcp_call call, hexmcp_str path, uint32_t flags, int32_t *fd,
                         hexmcp_error *err)
{
    char name[256];
    (void)ctx;
    assert_int_not_equal(call, 0);
    assert_int_equal(flags, HEXMCP_FILES_READ);
    snprintf(name, sizeof(name), "%.*s", (int)path.len, path.ptr);
    int opened = openat(root_fd, name, O_RDONLY | O_CLOEXEC);
    if (opened < 0)
        return hexmcp_fail(err, HEXMCP_E_NOT_FOUND, "there is no %s", name);
    *fd = opened;
    return HEXMCP_OK;
}

static int32_t fake_parent(void *ctx, hexmcp_call call, hexmcp_str path, uint32_t access,
                           int32_t *fd, char *name, hexmcp_error *err)
{
    (void)ctx;
    assert_int_not_equal(call, 0);
    access_asked = access;
    if (memchr(path.ptr, '/', path.len))
        return hexmcp_fail(err, HEXMCP_E_DENIED, "not beneath");
    snprintf(name, HEXMCP_FILES_NAME_MAX + 1, "%.*s", (int)path.len, path.ptr);
    *fd = dup(root_fd);
    return HEXMCP_OK;
}

static const hexmcp_files_1 files = {
    .size = sizeof(files), .open = fake_open, .parent = fake_parent};

static int load(void **state)
{
    (void)state;
    strcpy(root, "/tmp/hexmcp-base64-XXXXXX");
    assert_non_null(mkdtemp(root));
    root_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    plugin_load(&plugin, "hexmcp.base64-encoder", "{}");
    hexmcp_fake_offer(plugin.fake, HEXMCP_FILES_1, &files);
    return 0;
}

static int unload(void **state)
{
    char command[100];
    (void)state;
    hexmcp_fake_unload(&plugin);
    close(root_fd);
    snprintf(command, sizeof(command), "rm -r %s", root);
    return system(command);
}

static FILE *open_file(const char *name, const char *mode)
{
    char path[400];
    snprintf(path, sizeof(path), "%s/%s", root, name);
    return fopen(path, mode);
}

static void put(const char *name, const void *data, size_t len)
{
    FILE *file = open_file(name, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static void assert_holds(const char *name, const void *data, size_t len)
{
    char *got = malloc(len + 2);
    FILE *file = open_file(name, "rb");
    if (!file)
        fail_msg("there is no %s", name);
    assert_int_equal(fread(got, 1, len + 1, file), len);
    assert_memory_equal(got, data, len);
    fclose(file);
    free(got);
}

static void assert_missing(const char *name)
{
    FILE *file = open_file(name, "rb");
    assert_null(file);
    assert_int_equal(errno, ENOENT);
}

/* No file of the tool's own is left. */
static void assert_tidy(void)
{
    char command[200];
    snprintf(command, sizeof(command), "test -z \"$(ls -A %s | grep hexmcp-)\"", root);
    assert_int_equal(system(command), 0);
}

static void run(const char *args, const char *content)
{
    char expected[600];
    snprintf(expected, sizeof(expected), "{\"structuredContent\":%s}", content);
    assert_result(&plugin, TOOL, args, expected);
    assert_tidy();
}

static void refuse(const char *args, int32_t code, const char *text)
{
    assert_error(&plugin, TOOL, args, code, text);
    assert_tidy();
}

static void test_small(void **state)
{
    (void)state;
    put("in", "foobar", 6);
    run("{\"operation\":\"encode\",\"path\":\"in\"}",
        "{\"operation\":\"encode\",\"variant\":\"standard\",\"bytes_in\":6,\"bytes_out\":8,"
        "\"output\":\"Zm9vYmFy\",\"binary\":false}");
    run("{\"operation\":\"encode\",\"input\":\"fo\",\"target_path\":\"out\"}",
        "{\"operation\":\"encode\",\"variant\":\"standard\",\"bytes_in\":2,\"bytes_out\":4,"
        "\"target_path\":\"out\",\"dry_run\":false}");
    assert_int_equal(access_asked, HEXMCP_FILES_WRITE);
    assert_holds("out", "Zm8=", 4);
    run("{\"operation\":\"decode\",\"path\":\"out\",\"target_path\":\"back\"}",
        "{\"operation\":\"decode\",\"variant\":\"standard\",\"bytes_in\":4,\"bytes_out\":2,"
        "\"target_path\":\"back\",\"dry_run\":false}");
    assert_holds("back", "fo", 2);
}

static void test_empty(void **state)
{
    (void)state;
    put("empty", "", 0);
    run("{\"operation\":\"encode\",\"path\":\"empty\",\"target_path\":\"empty.b64\"}",
        "{\"operation\":\"encode\",\"variant\":\"standard\",\"bytes_in\":0,\"bytes_out\":0,"
        "\"target_path\":\"empty.b64\",\"dry_run\":false}");
    assert_holds("empty.b64", "", 0);
}

/* Through the edges of pieces, against the program base64 and back again. */
static void round_trip(size_t len)
{
    char args[200], command[300];
    uint8_t *data = malloc(len);
    hexmcp_fake_answer answer;
    for (size_t i = 0; i < len; i++)
        data[i] = (uint8_t)rand();
    put("data", data, len);
    const char *encode = "{\"operation\":\"encode\",\"path\":\"data\",\"target_path\":\"data.b64\","
                         "\"overwrite\":true}";
    plugin_run(&plugin, TOOL, encode, strlen(encode), &answer);
    assert_int_equal(answer.status, HEXMCP_OK);
    hexmcp_fake_answer_free(&answer);
    snprintf(command, sizeof(command),
             "cd %s && base64 -w0 data | cmp - data.b64 && base64 data > wrapped", root);
    assert_int_equal(system(command), 0);
    for (int i = 0; i < 2; i++) {
        snprintf(args, sizeof(args),
                 "{\"operation\":\"decode\",\"path\":\"%s\",\"target_path\":\"back\","
                 "\"overwrite\":true}",
                 i ? "wrapped" : "data.b64");
        plugin_run(&plugin, TOOL, args, strlen(args), &answer);
        assert_int_equal(answer.status, HEXMCP_OK);
        hexmcp_fake_answer_free(&answer);
        assert_holds("back", data, len);
    }
    assert_tidy();
    free(data);
}

static void test_pieces(void **state)
{
    static const size_t lengths[] = {1,     2,     3,     24575,  24576,  24577,  24578,  32767,
                                     32768, 49152, 73727, 196607, 196608, 196609, 393216, 1234567};
    (void)state;
    srand(3);
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
        round_trip(lengths[i]);
}

static void test_same_file(void **state)
{
    (void)state;
    put("same", "foobar", 6);
    run("{\"operation\":\"encode\",\"path\":\"same\",\"target_path\":\"same\",\"overwrite\":true}",
        "{\"operation\":\"encode\",\"variant\":\"standard\",\"bytes_in\":6,\"bytes_out\":8,"
        "\"target_path\":\"same\",\"dry_run\":false}");
    assert_holds("same", "Zm9vYmFy", 8);
}

static void test_keeps_what_is_there(void **state)
{
    (void)state;
    put("kept", "old", 3);
    refuse("{\"operation\":\"encode\",\"input\":\"x\",\"target_path\":\"kept\"}", HEXMCP_E_INVALID,
           "kept exists already; give overwrite true to replace it, or another path");
    /* a text that turns out to be broken after half of it leaves the old file, too */
    refuse("{\"operation\":\"decode\",\"input\":\"Zm9vYmFyZm9v!\",\"target_path\":\"kept\","
           "\"overwrite\":true}",
           HEXMCP_E_INVALID,
           "input is not standard base64 at position 12 (counted from 0): '!' is not in the "
           "alphabet; correct or remove it");
    assert_holds("kept", "old", 3);
    refuse("{\"operation\":\"decode\",\"input\":\"!\",\"target_path\":\"new\"}", HEXMCP_E_INVALID,
           "input is not standard base64 at position 0 (counted from 0): '!' is not in the "
           "alphabet; correct or remove it");
    assert_missing("new");
}

static int has_temporary(void)
{
    DIR *folder = fdopendir(openat(root_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    int found = 0;
    if (!folder)
        return 0;
    for (struct dirent *entry = readdir(folder); entry && !found; entry = readdir(folder))
        found = strncmp(entry->d_name, ".hexmcp-", 8) == 0;
    closedir(folder);
    return found;
}

/* [child] Gives the tool its data when it has begun to write, and another file has taken the name. */
static _Noreturn void take_the_name(void)
{
    int pipe_end = openat(root_fd, "pipe", O_WRONLY | O_CLOEXEC);
    for (int i = 0; i < 1000 && !has_temporary(); i++)
        nanosleep(&(struct timespec){0, 10000000}, NULL);
    int other = openat(root_fd, "raced", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    int good = other >= 0 && write(other, "theirs", 6) == 6 && write(pipe_end, "mine", 4) == 4;
    _exit(good ? 0 : 1);
}

static void test_a_file_that_comes_meanwhile(void **state)
{
    int end;
    (void)state;
    assert_int_equal(mkfifoat(root_fd, "pipe", 0600), 0);
    pid_t child = fork();
    if (child == 0)
        take_the_name();
    refuse("{\"operation\":\"encode\",\"path\":\"pipe\",\"target_path\":\"raced\"}", HEXMCP_E_INVALID,
           "raced exists already; give overwrite true to replace it, or another path");
    assert_int_equal(waitpid(child, &end, 0), child);
    assert_int_equal(end, 0);
    assert_holds("raced", "theirs", 6);
    assert_int_equal(has_temporary(), 0);
}

static void test_mode(void **state)
{
    struct stat about;
    (void)state;
    put("secret", "old", 3);
    assert_int_equal(fchmodat(root_fd, "secret", 0600, 0), 0);
    run("{\"operation\":\"encode\",\"input\":\"x\",\"target_path\":\"secret\",\"overwrite\":true}",
        "{\"operation\":\"encode\",\"variant\":\"standard\",\"bytes_in\":1,\"bytes_out\":4,"
        "\"target_path\":\"secret\",\"dry_run\":false}");
    assert_int_equal(fstatat(root_fd, "secret", &about, 0), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
}

/* A hard link elsewhere keeps its content; a symbolic link is not written through. */
static void test_links(void **state)
{
    (void)state;
    put("first", "old", 3);
    assert_int_equal(linkat(root_fd, "first", root_fd, "second", 0), 0);
    run("{\"operation\":\"encode\",\"input\":\"x\",\"target_path\":\"second\",\"overwrite\":true}",
        "{\"operation\":\"encode\",\"variant\":\"standard\",\"bytes_in\":1,\"bytes_out\":4,"
        "\"target_path\":\"second\",\"dry_run\":false}");
    assert_holds("first", "old", 3);
    assert_int_equal(symlinkat("first", root_fd, "link"), 0);
    refuse("{\"operation\":\"encode\",\"input\":\"x\",\"target_path\":\"link\",\"overwrite\":true}",
           HEXMCP_E_INVALID, "link is a symbolic link; give the path of a file");
    assert_holds("first", "old", 3);
    refuse("{\"operation\":\"encode\",\"input\":\"x\",\"target_path\":\"..\",\"overwrite\":true}",
           HEXMCP_E_INVALID, ".. is a folder; give the path of a file");
    assert_int_equal(mkfifoat(root_fd, "fifo", 0600), 0);
    refuse("{\"operation\":\"encode\",\"input\":\"x\",\"target_path\":\"fifo\",\"overwrite\":true}",
           HEXMCP_E_INVALID,
           "fifo is a device or another special file; give the path of a file");
}

static void test_refusals_of_the_host(void **state)
{
    (void)state;
    refuse("{\"operation\":\"encode\",\"path\":\"nothing\"}", HEXMCP_E_NOT_FOUND,
           "there is no nothing");
    refuse("{\"operation\":\"encode\",\"input\":\"x\",\"target_path\":\"a/b\"}", HEXMCP_E_DENIED,
           "not beneath");
    put("broken", "Zm9\nv!", 6);
    refuse("{\"operation\":\"decode\",\"path\":\"broken\"}", HEXMCP_E_INVALID,
           "the file at path is not standard base64 at position 5 (counted from 0): '!' is not in "
           "the alphabet; correct or remove it");
}

static void test_limits(void **state)
{
    (void)state;
    put("large", "", 0);
    int fd = openat(root_fd, "large", O_WRONLY | O_CLOEXEC);
    assert_int_equal(ftruncate(fd, 52428801), 0);
    refuse("{\"operation\":\"encode\",\"path\":\"large\",\"target_path\":\"large.b64\"}",
           HEXMCP_E_TOO_LARGE,
           "large has more than 52428800 bytes, the most that is taken; give a smaller file");
    assert_int_equal(ftruncate(fd, 52428800), 0);
    refuse("{\"operation\":\"encode\",\"path\":\"large\"}", HEXMCP_E_TOO_LARGE,
           "the result has more than the 10485760 bytes that fit in an answer; give target_path to "
           "write it to a file");
    run("{\"operation\":\"encode\",\"path\":\"large\",\"target_path\":\"large.b64\"}",
        "{\"operation\":\"encode\",\"variant\":\"standard\",\"bytes_in\":52428800,"
        "\"bytes_out\":69905068,\"target_path\":\"large.b64\",\"dry_run\":false}");
    assert_int_not_equal(hexmcp_fake_notes(plugin.fake, HEXMCP_FAKE_NOTE_PROGRESS), 0);
    close(fd);
}

/* Its size says nothing, and reading it does not end. */
static void test_endless(void **state)
{
    (void)state;
    assert_int_equal(symlinkat("/dev/zero", root_fd, "endless"), 0);
    refuse("{\"operation\":\"encode\",\"path\":\"endless\",\"target_path\":\"zeros\"}", HEXMCP_E_TOO_LARGE,
           "endless has more than 52428800 bytes, the most that is taken; give a smaller file");
    assert_missing("zeros");
}

static void test_cancelled(void **state)
{
    hexmcp_error err = {.size = sizeof(err)};
    hexmcp_fake_answer answer;
    const char *args = "{\"operation\":\"encode\",\"input\":\"x\",\"target_path\":\"cancelled\"}";
    (void)state;
    hexmcp_call call = hexmcp_fake_open(plugin.fake);
    hexmcp_fake_mark_cancelled(plugin.fake, call);
    int32_t status = plugin.tool->call(plugin.tool->self, call, hexmcp_str_from(TOOL),
                                       hexmcp_str_from(args), &err);
    hexmcp_fake_close(plugin.fake, call, status, &err, &answer);
    assert_int_equal(answer.status, HEXMCP_E_CANCELLED);
    assert_string_equal(answer.error.text, "the call was cancelled");
    hexmcp_fake_answer_free(&answer);
    assert_missing("cancelled");
    assert_tidy();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_same_file),
        cmocka_unit_test(test_keeps_what_is_there),
        cmocka_unit_test(test_a_file_that_comes_meanwhile),
        cmocka_unit_test(test_mode),
        cmocka_unit_test(test_links),
        cmocka_unit_test(test_refusals_of_the_host),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_endless),
        cmocka_unit_test(test_cancelled),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, load, unload);
}
