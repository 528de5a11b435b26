/* The lock file on the disk, and bundles beside it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <dirent.h>

#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/driven/crypto/crypto.h"
#include "adapters/driven/plugin_lock/plugin_lock.h"

static char top[64], path[128], bundle_path[128];
static struct crypto_module *crypto;
static struct json_doc *asked, *definitions, *granted;

static int64_t noon(void *ctx)
{
    (void)ctx;
    return INT64_C(1767268800000);
}

static const struct clock_port clock_port = {.wall_ms = noon};

static void write_file(const char *name, const char *text)
{
    char file[256];
    snprintf(file, sizeof(file), "%s/%s", bundle_path, name);
    FILE *f = fopen(file, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static struct lock_file state_of(const char *name)
{
    char file[256];
    struct stat st;
    snprintf(file, sizeof(file), "%s/%s", bundle_path, name);
    assert_int_equal(stat(file, &st), 0);
    return (struct lock_file){.dev = st.st_dev, .ino = st.st_ino, .size = (uint64_t)st.st_size,
                              .mtime_s = st.st_mtim.tv_sec, .ctime_s = st.st_ctim.tv_sec,
                              .mtime_ns = (uint32_t)st.st_mtim.tv_nsec,
                              .ctime_ns = (uint32_t)st.st_ctim.tv_nsec};
}

static struct lock_bundle found(void)
{
    return (struct lock_bundle){.path = bundle_path, .id = STR("a.b"), .version = STR("1.0.0"),
                                .asked = json_root(asked), .definitions = json_root(definitions),
                                .binary = state_of("plugin.so"), .manifest = state_of("plugin.json")};
}

static struct plugin_lock *open_lock(void)
{
    struct plugin_lock *lock;
    assert_int_equal(plugin_lock_open(path, crypto_module_port(crypto), &lock, NULL), ST_OK);
    return lock;
}

static int before_all(void **state)
{
    (void)state;
    snprintf(top, sizeof(top), "/tmp/hexmcp-lock-XXXXXX");
    if (!mkdtemp(top) || crypto_module_new(TEST_MODULES_DIR, &crypto, NULL))
        return -1;
    snprintf(path, sizeof(path), "%s/config/hexmcp/plugins.lock", top);
    snprintf(bundle_path, sizeof(bundle_path), "%s/a.b", top);
    mkdir(bundle_path, 0755);
    return json_parse(STR("{\"hosts\":[\"x\",\"y\"]}"), &asked, NULL) ||
           json_parse(STR("{\"hosts\":[\"x\"]}"), &granted, NULL) ||
           json_parse(STR("{\"tools\":[{\"name\":\"t\"}]}"), &definitions, NULL);
}

static int after_all(void **state)
{
    char command[128];
    (void)state;
    crypto_module_free(crypto);
    json_free(asked);
    json_free(granted);
    json_free(definitions);
    snprintf(command, sizeof(command), "rm -r %s", top);
    return system(command);
}

static int new_bundle(void **state)
{
    (void)state;
    unlink(path);
    write_file("plugin.so", "abc");
    write_file("plugin.json", "{}");
    return 0;
}

static void trust(struct plugin_lock *lock)
{
    struct lock_bundle bundle = found();
    struct lock_digests digests;
    assert_int_equal(plugin_lock_digests(lock, &bundle, &digests, NULL), ST_OK);
    assert_string_equal(digests.binary, "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410"
                                        "ff61f20015ad");
    assert_int_equal(plugin_lock_trust(lock, &bundle, &digests, json_root(granted), &clock_port, NULL),
                     ST_OK);
}

static enum lock_state judge(struct plugin_lock *lock, struct lock_changes *changes)
{
    struct lock_bundle bundle = found();
    enum lock_state state = LOCK_UNKNOWN;
    assert_int_equal(plugin_lock_judge(lock, &bundle, &state, changes, NULL), ST_OK);
    return state;
}

static void test_trust_lasts(void **state)
{
    (void)state;
    struct plugin_lock *lock = open_lock();
    struct lock_changes changes;
    struct lock_entry entry;
    struct stat st;
    assert_null(plugin_lock_fault(lock));
    assert_int_equal(judge(lock, &changes), LOCK_UNKNOWN);
    trust(lock);
    assert_int_equal(judge(lock, &changes), LOCK_SAME);
    plugin_lock_free(lock);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    lock = open_lock();
    assert_int_equal(judge(lock, &changes), LOCK_SAME);
    assert_true(plugin_lock_find(lock, STR("a.b"), &entry));
    assert_true(str_eq(entry.confirmed, STR("2026-01-01T12:00:00.000Z")));
    assert_true(json_is(json_at(json_get(entry.granted, STR("hosts")), 0), STR("x")));
    plugin_lock_free(lock);
}

static void test_what_was_only_touched_is_the_same(void **state)
{
    (void)state;
    struct plugin_lock *lock = open_lock();
    struct lock_changes changes;
    trust(lock);
    write_file("plugin.so", "abd");
    write_file("plugin.so", "abc");
    assert_int_equal(judge(lock, &changes), LOCK_SAME);
    plugin_lock_free(lock);
}

static void test_changes_are_seen(void **state)
{
    (void)state;
    struct plugin_lock *lock = open_lock();
    struct lock_changes changes;
    struct buffer text = BUFFER_INIT;
    trust(lock);
    write_file("plugin.so", "abd");
    assert_int_equal(judge(lock, &changes), LOCK_CHANGED);
    assert_true(changes.binary && !changes.manifest && !changes.version && !changes.asked &&
                !changes.definitions);
    struct lock_bundle bundle = found();
    assert_int_equal(plugin_lock_difference(lock, &bundle, &text, NULL), ST_OK);
    assert_true(str_eq(buffer_str(&text), STR("only the program text changed\n")));
    write_file("plugin.so", "abc");
    write_file("plugin.json", "{ }");
    assert_int_equal(judge(lock, &changes), LOCK_CHANGED);
    assert_true(changes.manifest && !changes.binary);
    buffer_clear(&text);
    plugin_lock_free(lock);
}

static size_t files_beside(char name[400])
{
    char folder[300];
    size_t count = 0;
    const struct dirent *entry;
    snprintf(folder, sizeof(folder), "%s.d", path);
    DIR *dir = opendir(folder);
    while (dir && (entry = readdir(dir)))
        if (entry->d_name[0] != '.') {
            snprintf(name, 400, "%s/%.80s", folder, entry->d_name);
            count++;
        }
    if (dir)
        closedir(dir);
    return count;
}

/* The texts stand in a file of their own, and are there as long as they are needed. */
static void test_definitions_stand_apart(void **state)
{
    (void)state;
    struct plugin_lock *lock = open_lock();
    struct lock_changes changes;
    struct lock_bundle bundle;
    struct buffer text = BUFFER_INIT;
    struct json_doc *before = definitions;
    char name[400], main_file[1000] = "";
    trust(lock);
    assert_int_equal(files_beside(name), 1);
    FILE *f = fopen(path, "r");
    assert_true(fread(main_file, 1, sizeof(main_file) - 1, f) > 0);
    fclose(f);
    assert_null(strstr(main_file, "tools"));
    assert_int_equal(json_parse(STR("{\"tools\":[{\"name\":\"u\"}]}"), &definitions, NULL), ST_OK);
    write_file("plugin.json", "{ }");
    bundle = found();
    assert_int_equal(judge(lock, &changes), LOCK_CHANGED);
    assert_true(changes.definitions && changes.manifest && !changes.binary);
    assert_int_equal(plugin_lock_difference(lock, &bundle, &text, NULL), ST_OK);
    assert_true(str_eq(buffer_str(&text), STR("- tools t\n+ tools u\n")));
    buffer_reset(&text, 100);
    f = fopen(name, "a"); /* not what it was */
    fputs(" ", f);
    fclose(f);
    assert_int_equal(plugin_lock_difference(lock, &bundle, &text, NULL), ST_OK);
    assert_true(str_eq(buffer_str(&text), STR("+ tools u\n")));
    trust(lock);
    assert_int_equal(files_beside(name), 1);
    assert_int_equal(judge(lock, &changes), LOCK_SAME);
    assert_int_equal(plugin_lock_untrust(lock, STR("a.b"), NULL), ST_OK);
    assert_int_equal(files_beside(name), 0);
    json_free(definitions);
    definitions = before;
    buffer_clear(&text);
    plugin_lock_free(lock);
}

static void test_only_what_was_shown_is_trusted(void **state)
{
    (void)state;
    struct plugin_lock *lock = open_lock();
    struct lock_bundle bundle = found();
    struct lock_digests digests;
    struct error err;
    char text[300];
    assert_int_equal(plugin_lock_digests(lock, &bundle, &digests, NULL), ST_OK);
    write_file("plugin.so", "abcd");
    snprintf(text, sizeof(text), "%s/plugin.so changed just now; try again", bundle_path);
    assert_int_equal(plugin_lock_trust(lock, &bundle, &digests, json_root(granted), &clock_port, &err),
                     ST_BUSY);
    assert_string_equal(err.text, text);
    bundle = found();
    snprintf(text, sizeof(text), "%s changed just now; try again", bundle_path);
    assert_int_equal(plugin_lock_trust(lock, &bundle, &digests, json_root(granted), &clock_port, &err),
                     ST_BUSY);
    assert_string_equal(err.text, text);
    assert_int_not_equal(access(path, F_OK), 0);
    plugin_lock_free(lock);
}

static void test_untrust(void **state)
{
    (void)state;
    struct plugin_lock *lock = open_lock(), *other = open_lock();
    struct lock_changes changes;
    struct error err;
    assert_int_equal(plugin_lock_untrust(lock, STR("a.b"), &err), ST_NOT_FOUND);
    assert_string_equal(err.text, "the plugin a.b is not trusted");
    trust(lock);
    /* what another process has written meanwhile is there */
    assert_int_equal(plugin_lock_untrust(other, STR("a.b"), &err), ST_OK);
    plugin_lock_free(lock);
    lock = open_lock();
    assert_int_equal(judge(lock, &changes), LOCK_UNKNOWN);
    plugin_lock_free(lock);
    plugin_lock_free(other);
}

static void assert_fault(const char *what)
{
    struct plugin_lock *lock = open_lock();
    struct lock_changes changes;
    struct lock_bundle bundle = found();
    struct lock_digests digests;
    struct error err;
    char text[600];
    snprintf(text, sizeof(text),
             "the lock file %s %s; no plugin is trusted until it is put right, or deleted and the "
             "plugins are trusted anew with \"hexmcp plugin trust\"",
             path, what);
    assert_string_equal(plugin_lock_fault(lock), text);
    assert_int_equal(judge(lock, &changes), LOCK_UNKNOWN);
    assert_int_equal(plugin_lock_digests(lock, &bundle, &digests, NULL), ST_OK);
    assert_int_equal(plugin_lock_trust(lock, &bundle, &digests, json_root(granted), &clock_port, &err),
                     ST_CONFIG);
    assert_string_equal(err.text, text);
    plugin_lock_free(lock);
}

static void test_bad_files(void **state)
{
    (void)state;
    struct plugin_lock *lock = open_lock();
    trust(lock);
    plugin_lock_free(lock);
    chmod(path, 0640);
    assert_fault("was open to other users");
    chmod(path, 0600);
    FILE *f = fopen(path, "w");
    fputs("{\"lock\":1", f);
    fclose(f);
    assert_fault("is damaged: unexpected end at byte 9");
    unlink(path);
    assert_int_equal(symlink("/etc/passwd", path), 0);
    assert_fault("is not a regular file");
}

static void test_no_place(void **state)
{
    (void)state;
    struct plugin_lock *lock;
    struct lock_bundle bundle = found();
    struct lock_digests digests;
    struct error err;
    assert_int_equal(plugin_lock_open(NULL, crypto_module_port(crypto), &lock, NULL), ST_OK);
    assert_null(plugin_lock_fault(lock));
    assert_int_equal(plugin_lock_path(lock).len, 0);
    assert_int_equal(plugin_lock_digests(lock, &bundle, &digests, NULL), ST_OK);
    assert_int_equal(plugin_lock_trust(lock, &bundle, &digests, json_root(granted), &clock_port, &err),
                     ST_CONFIG);
    assert_string_equal(err.text, "there is no place for the lock file: neither XDG_CONFIG_HOME nor "
                                  "HOME is set, and \"plugins.lock\" names none");
    plugin_lock_free(lock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_trust_lasts, new_bundle),
        cmocka_unit_test_setup(test_what_was_only_touched_is_the_same, new_bundle),
        cmocka_unit_test_setup(test_changes_are_seen, new_bundle),
        cmocka_unit_test_setup(test_definitions_stand_apart, new_bundle),
        cmocka_unit_test_setup(test_only_what_was_shown_is_trusted, new_bundle),
        cmocka_unit_test_setup(test_untrust, new_bundle),
        cmocka_unit_test_setup(test_bad_files, new_bundle),
        cmocka_unit_test_setup(test_no_place, new_bundle),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, before_all, after_all);
}
