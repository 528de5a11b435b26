/* The key file: who may read it, several processes, rotation, and what cannot be used. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "adapters/driven/random/random.h"
#include "adapters/driven/seal_keys/seal_keys.h"
#include "core/base/str.h"

#define DAY_MS (24 * 3600 * INT64_C(1000))
#define PROCESSES 12

static char root[64], folder[96], file[128];
static int64_t now;
static char logged[1024];
static unsigned log_lines;

static int64_t wall_ms(void *ctx)
{
    (void)ctx;
    return now;
}

static void write_log(void *ctx, enum log_level level, struct str component, struct str text)
{
    (void)ctx;
    assert_int_equal(level, LOG_LEVEL_NOTICE);
    assert_true(str_eq(component, STR("seal")));
    snprintf(logged, sizeof(logged), "%.*s", STR_ARG(text));
    log_lines++;
}

static const struct clock_port clock_source = {.wall_ms = wall_ms};
static const struct log_port log_sink = {.write = write_log};

static struct seal_keys *open_keys(const char *where)
{
    struct seal_keys *keys;
    const struct seal_keys_config config = {where, system_random_port(), &clock_source, &log_sink};
    assert_int_equal(seal_keys_open(&config, &keys, NULL), ST_OK);
    return keys;
}

static struct seal_key current(struct seal_keys *keys)
{
    const struct seal_keys_port *port = seal_keys_port(keys);
    struct seal_key key = {0};
    struct error err = {0};
    int rc = port->current(port->ctx, &key, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, ST_OK);
    assert_int_not_equal(key.id, 0);
    return key;
}

static bool knows(struct seal_keys *keys, const struct seal_key *key)
{
    const struct seal_keys_port *port = seal_keys_port(keys);
    struct seal_key found;
    return port->find(port->ctx, key->id, &found) &&
           memcmp(found.bytes, key->bytes, SEAL_KEY_BYTES) == 0;
}

/* A new process, as far as keys go. */
static struct seal_key current_of_new(void)
{
    struct seal_keys *keys = open_keys(folder);
    struct seal_key key = current(keys);
    seal_keys_free(keys);
    return key;
}

static void assert_refused(const char *fault)
{
    struct seal_keys *keys = open_keys(folder);
    const struct seal_keys_port *port = seal_keys_port(keys);
    struct seal_key key;
    struct error err;
    char wanted[ERROR_TEXT_SIZE];
    snprintf(wanted, sizeof(wanted),
             "the key file %s %s; delete it: a new one is made, and what was sealed before becomes "
             "invalid",
             file, fault);
    assert_int_equal(port->current(port->ctx, &key, &err), ST_CONFIG);
    assert_string_equal(err.text, wanted);
    assert_false(port->find(port->ctx, 1, &key));
    assert_int_equal(log_lines, 0);
    seal_keys_free(keys);
}

static void write_text(const char *text)
{
    int fd = open(file, O_WRONLY | O_TRUNC | O_CREAT, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static int set_up(void **state)
{
    (void)state;
    now = 1700000000000;
    log_lines = 0;
    snprintf(root, sizeof(root), "/tmp/hexmcp-seal-keys.XXXXXX");
    if (!mkdtemp(root))
        return -1;
    snprintf(folder, sizeof(folder), "%s/state/hexmcp", root);
    snprintf(file, sizeof(file), "%s/seal-keys", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    char path[160];
    unlink(file);
    snprintf(path, sizeof(path), "%s.lock", file);
    unlink(path);
    /* Fails, and the test with it, if anything else was left behind. */
    if (rmdir(folder) && errno != ENOENT && errno != ENOTDIR)
        return -1;
    snprintf(path, sizeof(path), "%s/state", root);
    if (rmdir(path) && errno == ENOTDIR)
        unlink(path);
    return rmdir(root);
}

static void test_made_late_and_private(void **state)
{
    (void)state;
    struct stat st;
    struct seal_key found;
    struct seal_keys *keys = open_keys(folder);
    assert_false(seal_keys_port(keys)->find(seal_keys_port(keys)->ctx, 5, &found));
    assert_int_equal(stat(folder, &st), -1);
    struct seal_key key = current(keys);
    assert_int_equal(stat(folder, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    assert_int_equal(stat(file, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    struct seal_keys *other = open_keys(folder);
    assert_true(knows(other, &key));
    assert_int_equal(current(other).id, key.id);
    assert_int_equal(log_lines, 0);
    seal_keys_free(other);
    seal_keys_free(keys);
}

/* All begin together; every one must get the key that stays. */
static void assert_processes_agree(void)
{
    int ready[2], results[2];
    assert_int_equal(pipe(ready), 0);
    assert_int_equal(pipe(results), 0);
    for (int i = 0; i < PROCESSES; i++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            char wait;
            close(ready[1]);
            ssize_t ended = read(ready[0], &wait, 1);
            struct seal_key key = current_of_new();
            _exit(ended != 0 || write(results[1], &key, sizeof(key)) != sizeof(key));
        }
    }
    close(ready[0]);
    close(ready[1]);
    close(results[1]);
    for (int i = 0, status; i < PROCESSES; i++)
        assert_true(wait(&status) > 0 && status == 0);
    struct seal_key kept = current_of_new(), got;
    for (int i = 0; i < PROCESSES; i++) {
        assert_int_equal(read(results[0], &got, sizeof(got)), sizeof(got));
        assert_memory_equal(&got, &kept, sizeof(got));
    }
    close(results[0]);
}

static void test_processes(void **state)
{
    (void)state;
    assert_processes_agree();
    struct seal_key first = current_of_new();
    now += SEAL_KEY_DAYS * DAY_MS;
    assert_processes_agree();
    assert_int_not_equal(current_of_new().id, first.id);
}

static void test_rotation(void **state)
{
    (void)state;
    struct seal_keys *keys = open_keys(folder), *other = open_keys(folder);
    struct seal_key first = current(keys);
    current(other);
    now += SEAL_KEY_DAYS * DAY_MS - 1;
    assert_int_equal(current(keys).id, first.id);
    now++;
    struct seal_key second = current(keys);
    assert_int_not_equal(second.id, first.id);
    assert_true(knows(keys, &first));
    assert_true(knows(other, &second));
    assert_int_equal(current(other).id, second.id);
    now += SEAL_KEY_DAYS * DAY_MS;
    current(keys);
    assert_false(knows(keys, &first));
    assert_true(knows(keys, &second));
    seal_keys_free(other);
    seal_keys_free(keys);
}

/* A clock that jumps must not make the file grow, nor keep a key from the future current. */
static void test_at_most_eight(void **state)
{
    (void)state;
    struct seal_keys *keys = open_keys(folder);
    struct seal_key made[10];
    for (int i = 0; i < 10; i++) {
        made[i] = current(keys);
        now -= 2 * DAY_MS;
    }
    for (int i = 0; i < 10; i++)
        assert_int_equal(knows(keys, &made[i]), i >= 2);
    seal_keys_free(keys);
}

static void test_deleted_file(void **state)
{
    (void)state;
    struct seal_keys *keys = open_keys(folder);
    struct seal_key first = current(keys);
    assert_int_equal(unlink(file), 0);
    assert_false(knows(keys, &first));
    struct seal_key second = current(keys);
    assert_int_not_equal(second.id, first.id);
    assert_false(knows(keys, &first));
    seal_keys_free(keys);
}

static void test_damaged(void **state)
{
    (void)state;
#define KEY "0000000000000000000000000000000000000000000000000000000000000001"
    static const char *const texts[] = {
        "",
        "hexmcp seal keys 1\n",
        "hexmcp seal keys 2\n00000001 1 " KEY "\n",
        "hexmcp seal keys 1\n00000000 1 " KEY "\n",
        "hexmcp seal keys 1\n00000001 01 " KEY "\n",
        "hexmcp seal keys 1\n00000001 1 " KEY,
        "hexmcp seal keys 1\n00000001 1 " KEY "0\n",
        "hexmcp seal keys 1\n0000000A 1 " KEY "\n",
        "hexmcp seal keys 1\n00000001 1 " KEY "\n00000001 2 " KEY "\n",
    };
    current_of_new();
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        write_text(texts[i]);
        assert_refused("is damaged");
    }
    char *large = malloc(1 << 20);
    memset(large, 'x', 1 << 20);
    large[(1 << 20) - 1] = '\0';
    write_text(large);
    free(large);
    assert_refused("is damaged");
}

static void test_not_ours(void **state)
{
    (void)state;
    struct seal_keys *keys = open_keys(folder);
    struct seal_key key = current(keys);
    assert_int_equal(chmod(file, 0640), 0);
    assert_false(knows(keys, &key));
    seal_keys_free(keys);
    assert_refused("was open to other users");
    assert_int_equal(unlink(file), 0);
    assert_int_equal(symlink("/dev/zero", file), 0);
    assert_refused("is not a regular file");
}

static void test_other_owner(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        print_message("only root can give a file away\n");
        skip();
    }
    current_of_new();
    assert_int_equal(chown(file, 65534, (gid_t)-1), 0);
    assert_refused("belongs to another user");
}

static void assert_own_key(const char *where, const char *reason)
{
    struct seal_keys *keys = open_keys(where), *other = open_keys(where);
    struct seal_key key = current(keys);
    char wanted[ERROR_TEXT_SIZE];
    assert_memory_equal(current(keys).bytes, key.bytes, SEAL_KEY_BYTES);
    assert_true(knows(keys, &key));
    assert_false(knows(other, &key));
    assert_int_equal(log_lines, 1);
    snprintf(wanted, sizeof(wanted),
             "requests are sealed with a key of this process alone, those under way end with "
             "it: %s",
             reason);
    assert_string_equal(logged, wanted);
    seal_keys_free(other);
    seal_keys_free(keys);
    log_lines = 0;
}

static void test_no_folder(void **state)
{
    (void)state;
    char reason[256], path[96];
    assert_own_key(NULL, "there is no state folder (HOME is not set)");
    snprintf(path, sizeof(path), "%s/state", root);
    close(open(path, O_WRONLY | O_CREAT, 0600));
    snprintf(reason, sizeof(reason), "%s: Not a directory", file);
    assert_own_key(folder, reason);
    assert_own_key("/proc/hexmcp",
                   "/proc/hexmcp/seal-keys.lock: No such file or directory");
}

/* A process that was stopped in the middle must not hold up the others for ever. */
static void test_stuck_lock(void **state)
{
    (void)state;
    char lock[160], reason[256];
    current_of_new();
    unlink(file);
    snprintf(lock, sizeof(lock), "%s.lock", file);
    int fd = open(lock, O_RDWR | O_CLOEXEC);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    snprintf(reason, sizeof(reason), "%s cannot be locked: Resource temporarily unavailable", lock);
    assert_own_key(folder, reason);
    close(fd);
}

int main(void)
{
#define KEYS_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        KEYS_TEST(test_made_late_and_private), KEYS_TEST(test_processes),
        KEYS_TEST(test_rotation),              KEYS_TEST(test_at_most_eight),
        KEYS_TEST(test_deleted_file),          KEYS_TEST(test_damaged),
        KEYS_TEST(test_not_ours),              KEYS_TEST(test_other_owner),
        KEYS_TEST(test_no_folder),             KEYS_TEST(test_stuck_lock),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
