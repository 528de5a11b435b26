/* The key-value store: at the port, with the real database and a real loop. */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapters/driven/kv/kv.h"
#include "tests/adapters/service_client.h"

static char folder[64], file[96];
static struct loop *loop;
static struct kv *kv;
static int64_t now = INT64_C(1700000000000);
static uint64_t max_bytes = 64 << 20, max_keys = 100000;
static struct told answer;

static int64_t wall_ms(void *ctx)
{
    (void)ctx;
    return now;
}

static const struct clock_port clock_source = {.wall_ms = wall_ms};

static void open_kv(void)
{
    struct error err = {0};
    const struct kv_config config = {.modules = TEST_MODULES_DIR,
                                     .folder = folder,
                                     .max_bytes = max_bytes,
                                     .max_keys = max_keys,
                                     .executor = loop_own_executor(loop),
                                     .timers = loop_timers(loop),
                                     .clock = &clock_source};
    assert_int_equal(kv_new(&config, &kv, &err), ST_OK);
}

static void close_kv(void)
{
    kv_free(kv);
    kv = NULL;
}

static void remove_files(void)
{
    static const char *const names[] = {"kv.sqlite", "kv.sqlite-wal", "kv.sqlite-shm", "kv.lock"};
    char path[128];
    for (size_t i = 0; i < 4; i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        unlink(path);
    }
}

static void fresh(void)
{
    close_kv();
    remove_files();
    open_kv();
}

static struct service_request request(const char *plugin, enum kv_op op, const char *text,
                                      struct str bytes)
{
    return (struct service_request){
        .op = op, .plugin = str_from(plugin), .text = str_from(text), .bytes = bytes};
}

/* The status; `text` is the JSON or, of a failure, its message with {"message": }. */
static int ask_as(const char *plugin, enum kv_op op, const char *text, struct str bytes,
                  const char *expected)
{
    const struct service_request q = request(plugin, op, text, bytes);
    told_clear(&answer);
    service_begin(kv_port(kv), &q, &answer);
    service_wait(loop, &answer);
    assert_string_equal(answer.text.data, expected);
    return answer.status;
}

static int ask(enum kv_op op, const char *text, struct str bytes, const char *expected)
{
    return ask_as("a.plugin", op, text, bytes, expected);
}

static void test_set_and_get(void **state)
{
    struct stat st;
    (void)state;
    fresh();
    assert_int_equal(access(file, F_OK), -1); /* nothing is opened before it is used */
    assert_int_equal(ask(KV_GET, "{\"key\":\"k\"}", STR(""),
                         "{\"message\":\"there is no key \\\"k\\\"\"}"),
                     ST_NOT_FOUND);
    assert_int_equal(ask(KV_SET, "{\"key\":\"k\"}", STR("a\0b"), "{\"done\":true,\"version\":1}"),
                     ST_OK);
    assert_int_equal(ask(KV_GET, "{\"key\":\"k\"}", STR(""), "{\"version\":1}"), ST_OK);
    assert_int_equal(answer.bytes.len, 4);
    assert_memory_equal(answer.bytes.data, "a\0b", 4);
    assert_int_equal(ask(KV_SET, "{\"key\":\"k\"}", STR(""), "{\"done\":true,\"version\":2}"),
                     ST_OK);
    assert_int_equal(ask(KV_GET, "{\"key\":\"k\"}", STR(""), "{\"version\":2}"), ST_OK);
    assert_int_equal(answer.bytes.len, 1);
    assert_int_equal(stat(file, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    close_kv();
    open_kv();
    assert_int_equal(ask(KV_GET, "{\"key\":\"k\"}", STR(""), "{\"version\":2}"), ST_OK);
    assert_int_equal(ask(KV_REMOVE, "{\"key\":\"k\"}", STR(""), "{\"done\":true,\"version\":0}"),
                     ST_OK);
    assert_int_equal(ask(KV_REMOVE, "{\"key\":\"k\"}", STR(""), "{\"done\":false,\"version\":0}"),
                     ST_OK);
    /* A version does not come again. */
    assert_int_equal(ask(KV_SET, "{\"key\":\"k\"}", STR("x"), "{\"done\":true,\"version\":3}"),
                     ST_OK);
}

static void test_plugins_are_apart(void **state)
{
    (void)state;
    fresh();
    ask_as("a.plugin", KV_SET, "{\"key\":\"k\"}", STR("mine"), "{\"done\":true,\"version\":1}");
    assert_int_equal(ask_as("b.plugin", KV_GET, "{\"key\":\"k\"}", STR(""),
                            "{\"message\":\"there is no key \\\"k\\\"\"}"),
                     ST_NOT_FOUND);
    ask_as("b.plugin", KV_LIST, "{\"prefix\":\"\",\"after\":\"\",\"limit\":10}", STR(""),
           "{\"keys\":[],\"more\":false}");
    ask_as("b.plugin", KV_REMOVE, "{\"key\":\"k\"}", STR(""), "{\"done\":false,\"version\":0}");
    ask_as("a.plugin", KV_GET, "{\"key\":\"k\"}", STR(""), "{\"version\":1}");
    assert_string_equal(answer.bytes.data, "mine");
}

static void test_compare_and_set(void **state)
{
    (void)state;
    fresh();
    ask(KV_SET, "{\"key\":\"k\",\"ifVersion\":0}", STR("1"), "{\"done\":true,\"version\":1}");
    ask(KV_SET, "{\"key\":\"k\",\"ifVersion\":0}", STR("2"), "{\"done\":false,\"version\":1}");
    ask(KV_SET, "{\"key\":\"k\",\"ifVersion\":1}", STR("3"), "{\"done\":true,\"version\":2}");
    ask(KV_REMOVE, "{\"key\":\"k\",\"ifVersion\":1}", STR(""), "{\"done\":false,\"version\":2}");
    ask(KV_GET, "{\"key\":\"k\"}", STR(""), "{\"version\":2}");
    assert_string_equal(answer.bytes.data, "3");
    ask(KV_REMOVE, "{\"key\":\"k\",\"ifVersion\":2}", STR(""), "{\"done\":true,\"version\":0}");
}

static void test_expiry(void **state)
{
    (void)state;
    fresh();
    ask(KV_SET, "{\"key\":\"k\",\"ttlMs\":1000}", STR("1"), "{\"done\":true,\"version\":1}");
    now += 400;
    ask(KV_GET, "{\"key\":\"k\"}", STR(""), "{\"version\":1,\"ttlMs\":600}");
    ask(KV_LIST, "{\"limit\":1}", STR(""),
        "{\"keys\":[{\"key\":\"k\",\"bytes\":1,\"version\":1,\"ttlMs\":600}],\"more\":false}");
    now += 600;
    assert_int_equal(ask(KV_GET, "{\"key\":\"k\"}", STR(""),
                         "{\"message\":\"there is no key \\\"k\\\"\"}"),
                     ST_NOT_FOUND);
    ask(KV_LIST, "{\"limit\":1}", STR(""), "{\"keys\":[],\"more\":false}");
    ask(KV_SET, "{\"key\":\"k\",\"ifVersion\":0}", STR("2"), "{\"done\":true,\"version\":2}");
    ask(KV_GET, "{\"key\":\"k\"}", STR(""), "{\"version\":2}");
}

static void test_list(void **state)
{
    (void)state;
    fresh();
    ask(KV_SET, "{\"key\":\"a/1\"}", STR("x"), "{\"done\":true,\"version\":1}");
    ask(KV_SET, "{\"key\":\"a/2\"}", STR("xx"), "{\"done\":true,\"version\":2}");
    ask(KV_SET, "{\"key\":\"a/\xC3\xA9\"}", STR(""), "{\"done\":true,\"version\":3}");
    ask(KV_SET, "{\"key\":\"b\"}", STR(""), "{\"done\":true,\"version\":4}");
    ask(KV_LIST, "{\"prefix\":\"a/\",\"limit\":2}", STR(""),
        "{\"keys\":[{\"key\":\"a/1\",\"bytes\":1,\"version\":1},"
        "{\"key\":\"a/2\",\"bytes\":2,\"version\":2}],\"more\":true}");
    ask(KV_LIST, "{\"prefix\":\"a/\",\"after\":\"a/2\",\"limit\":2}", STR(""),
        "{\"keys\":[{\"key\":\"a/\xC3\xA9\",\"bytes\":0,\"version\":3}],\"more\":false}");
    ask(KV_LIST, "{\"after\":\"a/2\",\"limit\":1000}", STR(""),
        "{\"keys\":[{\"key\":\"a/\xC3\xA9\",\"bytes\":0,\"version\":3},"
        "{\"key\":\"b\",\"bytes\":0,\"version\":4}],\"more\":false}");
}

static void test_refuses(void **state)
{
    char key[KV_KEY_MAX + 16];
    (void)state;
    fresh();
    assert_int_equal(ask(KV_GET, "{}", STR(""), "a key of 0 bytes; 1 to 512 are allowed"),
                     ST_INVALID);
    assert_int_equal(ask(KV_GET, "{\"key\":\"a\\u0000b\"}", STR(""), "a key with a NUL"),
                     ST_INVALID);
    snprintf(key, sizeof(key), "{\"key\":\"%0*d\"}", KV_KEY_MAX + 1, 0);
    assert_int_equal(ask(KV_GET, key, STR(""), "a key of 513 bytes; 1 to 512 are allowed"),
                     ST_INVALID);
    assert_int_equal(ask(KV_LIST, "{\"limit\":1001}", STR(""), "a list may have 1 to 1000 keys"),
                     ST_INVALID);
    assert_int_equal(ask(KV_SET, "{\"key\":\"k\",\"ttlMs\":-1}", STR(""),
                         "a key may live for 0 (for ever) to 315360000000 ms"),
                     ST_INVALID);
    assert_int_equal(ask(KV_SET, "{\"key\":\"k\",\"ifVersion\":-1}", STR(""),
                         "the expected version is no number of a version"),
                     ST_INVALID);
    char *big = calloc(1, KV_VALUE_MAX + 1);
    assert_int_equal(ask(KV_SET, "{\"key\":\"k\"}", (struct str){big, KV_VALUE_MAX + 1},
                         "a value of 1048577 bytes; at most 1048576 are allowed"),
                     ST_TOO_LARGE);
    assert_int_equal(ask(KV_SET, "{\"key\":\"k\"}", (struct str){big, KV_VALUE_MAX},
                         "{\"done\":true,\"version\":1}"),
                     ST_OK);
    free(big);
    assert_int_equal(ask((enum kv_op)9, "{}", STR(""), "hexmcp.kv/1 has no operation 9"),
                     ST_UNSUPPORTED);
}

static void test_limits(void **state)
{
    (void)state;
    max_keys = 2;
    max_bytes = 20;
    fresh();
    ask(KV_SET, "{\"key\":\"a\"}", STR("0123456789"), "{\"done\":true,\"version\":1}");
    assert_int_equal(ask(KV_SET, "{\"key\":\"b\"}", STR("0123456789"),
                         "{\"message\":\"the store of a.plugin is full: it has 11 bytes, and 11 more "
                         "are above the limit kv.max_bytes\"}"),
                     ST_TOO_LARGE);
    ask(KV_SET, "{\"key\":\"a\"}", STR("01234567890123"), "{\"done\":true,\"version\":2}");
    ask(KV_SET, "{\"key\":\"b\",\"ttlMs\":50}", STR(""), "{\"done\":true,\"version\":3}");
    assert_int_equal(ask(KV_SET, "{\"key\":\"c\"}", STR(""),
                         "{\"message\":\"the store of a.plugin is full: it has 2 keys; the limit is "
                         "kv.max_keys\"}"),
                     ST_TOO_LARGE);
    /* Others have their own, and what has expired makes room. */
    ask_as("b.plugin", KV_SET, "{\"key\":\"c\"}", STR("01234567890123"),
           "{\"done\":true,\"version\":1}");
    now += 51;
    ask(KV_SET, "{\"key\":\"c\"}", STR(""), "{\"done\":true,\"version\":4}");
    max_keys = 100000;
    max_bytes = 64 << 20;
}

/* Many at once come back in order, and the loop does not wait for the disk. */
static void test_batches(void **state)
{
    enum { MANY = 700 };
    static struct told told[MANY];
    char text[64], expected[64];
    (void)state;
    fresh();
    for (int i = 0; i < MANY; i++) {
        snprintf(text, sizeof(text), "{\"key\":\"k%d\"}", i % 10);
        const struct service_request q = request("a.plugin", KV_SET, text, STR("v"));
        assert_int_equal(service_begin(kv_port(kv), &q, &told[i]), ST_OK);
    }
    kv_port(kv)->close(kv_port(kv)->ctx, told[3].id);
    kv_port(kv)->close(kv_port(kv)->ctx, 999999);
    service_wait(loop, &told[MANY - 1]);
    for (int i = 0; i < MANY; i++) {
        snprintf(expected, sizeof(expected), "{\"done\":true,\"version\":%d}", i + 1);
        if (i == 3)
            assert_int_equal(told[i].events, 0);
        else
            assert_string_equal(told[i].text.data, expected);
        told_clear(&told[i]);
    }
    /* Of one plugin only so much waits. */
    char *big = calloc(1, KV_VALUE_MAX);
    const struct service_request q = request("a.plugin", KV_SET, "{\"key\":\"k\"}",
                                             (struct str){big, KV_VALUE_MAX});
    int rc = ST_OK, count = 0;
    while (!rc && count < MANY)
        rc = service_begin(kv_port(kv), &q, &told[count++]);
    assert_int_equal(rc, ST_BUSY);
    assert_int_equal(count, 18); /* one is with a worker */
    assert_string_equal(told[count - 1].text.data,
                        "16 MiB of the plugin's values wait to be stored; try later");
    service_wait(loop, &told[count - 2]);
    for (int i = 0; i < count; i++)
        told_clear(&told[i]);
    free(big);
}

/* What was acknowledged is there after the process was killed. */
/* The thread sanitizer does not go on in a child that has threads of its own. */
static bool left_out(void)
{
#if defined(__SANITIZE_THREAD__)
    print_message("# left out: the thread sanitizer ends a child that starts threads\n");
    return true;
#else
    return false;
#endif
}

static void test_killed(void **state)
{
    int ends[2];
    char text[64];
    unsigned acknowledged = 0, got;
    (void)state;
    if (left_out())
        return;
    fresh();
    close_kv();
    fflush(stdout);
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        loop_new(2, &loop, NULL);
        open_kv();
        for (unsigned i = 1;; i++) {
            snprintf(text, sizeof(text), "{\"key\":\"k%u\"}", i);
            snprintf(text + 32, 32, "{\"done\":true,\"version\":%u}", i);
            ask(KV_SET, text, STR("v"), text + 32);
            if (write(ends[1], &i, sizeof(i)) != sizeof(i))
                _exit(1);
        }
    }
    close(ends[1]);
    while (acknowledged < 20 && read(ends[0], &got, sizeof(got)) == sizeof(got))
        acknowledged = got;
    assert_int_equal(kill(child, SIGKILL), 0);
    while (read(ends[0], &got, sizeof(got)) == sizeof(got))
        acknowledged = got;
    close(ends[0]);
    assert_int_equal(waitpid(child, NULL, 0), child);
    open_kv();
    assert_true(acknowledged >= 20);
    for (unsigned i = 1; i <= acknowledged; i++) {
        snprintf(text, sizeof(text), "{\"key\":\"k%u\"}", i);
        snprintf(text + 32, 32, "{\"version\":%u}", i);
        assert_int_equal(ask(KV_GET, text, STR(""), text + 32), ST_OK);
    }
}

static void fails(const char *reason)
{
    char expected[200];
    snprintf(expected, sizeof(expected), "{\"message\":\"%s %s\"}", file, reason);
    assert_int_equal(ask(KV_SET, "{\"key\":\"k\"}", STR("v"), expected), ST_UNAVAILABLE);
}

static void test_files_that_cannot_be_used(void **state)
{
    (void)state;
    fresh();
    int fd = open(file, O_WRONLY | O_CREAT, 0600);
    for (int i = 0; i < 512; i++)
        assert_int_equal(write(fd, "garbage!", 8), 8);
    close(fd);
    fails("is damaged; move it away, and plugins begin with an empty store");
    remove_files();
    ask(KV_SET, "{\"key\":\"k\"}", STR("v"), "{\"done\":true,\"version\":1}"); /* it goes on */
    close_kv();
    open_kv();
    assert_int_equal(chmod(file, 0640), 0);
    fails("is open to other users; allow only its owner (chmod 600)");
    remove_files();
    assert_int_equal(symlink("/dev/null", file), 0);
    fails("cannot be opened: Too many levels of symbolic links");
    remove_files();
}

static void test_no_module(void **state)
{
    struct kv *other;
    struct error err = {0};
    const struct kv_config config = {.modules = "/nowhere",
                                     .folder = folder,
                                     .executor = loop_own_executor(loop),
                                     .timers = loop_timers(loop),
                                     .clock = &clock_source};
    const struct service_request q = request("a.plugin", KV_GET, "{\"key\":\"k\"}", STR(""));
    (void)state;
    assert_int_equal(kv_new(&config, &other, &err), ST_OK);
    told_clear(&answer);
    assert_int_equal(service_begin(kv_port(other), &q, &answer), ST_OK);
    service_wait(loop, &answer);
    assert_int_equal(answer.status, ST_UNAVAILABLE);
    assert_non_null(strstr(answer.text.data, "module kv cannot be loaded"));
    kv_free(other);
}

/* On a file system of its own, which needs the right to mount one. */
static void test_full_disk(void **state)
{
    char expected[200];
    (void)state;
    if (left_out())
        return;
    fresh();
    close_kv();
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
            mount("tmpfs", folder, "tmpfs", 0, "size=512k"))
            _exit(77);
        loop_new(2, &loop, NULL);
        open_kv();
        char *big = calloc(1, 300000);
        const struct str value = {big, 300000};
        ask(KV_SET, "{\"key\":\"small\"}", STR("v"), "{\"done\":true,\"version\":1}");
        snprintf(expected, sizeof(expected),
                 "{\"message\":\"%s cannot grow: the disk is full\"}", file);
        told_clear(&answer);
        for (int i = 0; i < 5 && answer.status == ST_OK; i++) {
            const struct service_request q = request("a.plugin", KV_SET, "{\"key\":\"k\"}", value);
            memset(big, i, 300000); /* pages that do not change are not written */
            told_clear(&answer);
            service_begin(kv_port(kv), &q, &answer);
            service_wait(loop, &answer);
        }
        assert_int_equal(answer.status, ST_UNAVAILABLE);
        assert_string_equal(answer.text.data, expected);
        assert_int_equal(ask(KV_GET, "{\"key\":\"small\"}", STR(""), "{\"version\":1}"), ST_OK);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    open_kv();
    if (WEXITSTATUS(status) == 77) {
        print_message("# no right to mount a file system: a full disk was not tested\n");
        skip();
    }
    assert_int_equal(WEXITSTATUS(status), 0);
}

static int set_up(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/hexmcp-kv-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(file, sizeof(file), "%s/kv.sqlite", folder);
    return loop_new(2, &loop, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    loop_end_workers(loop);
    close_kv();
    loop_free(loop);
    told_clear(&answer);
    remove_files();
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set_and_get),     cmocka_unit_test(test_plugins_are_apart),
        cmocka_unit_test(test_compare_and_set), cmocka_unit_test(test_expiry),
        cmocka_unit_test(test_list),            cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_limits),          cmocka_unit_test(test_batches),
        cmocka_unit_test(test_killed),          cmocka_unit_test(test_files_that_cannot_be_used),
        cmocka_unit_test(test_no_module),       cmocka_unit_test(test_full_disk),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
