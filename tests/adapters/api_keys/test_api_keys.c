/* API keys: what is kept of them, who is let in, two processes on one file, and files that cannot be
 * used. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "adapters/driven/api_keys/api_keys.h"
#include "adapters/driven/crypto/crypto.h"
#include "adapters/driven/random/random.h"

#define DAY_MS (24 * 3600 * INT64_C(1000))
#define BEGIN_MS 1700000000000

static char root[64], file[128];
static int64_t now_ms;
static struct crypto_module *crypto;

static int64_t wall_ms(void *ctx)
{
    (void)ctx;
    return now_ms;
}

static uint64_t monotonic_ns(void *ctx)
{
    (void)ctx;
    return (uint64_t)(now_ms - BEGIN_MS) * 1000000;
}

static const struct clock_port clock_source = {NULL, monotonic_ns, wall_ms};

static struct api_keys *open_keys(const char *path)
{
    const struct api_keys_config config = {path, crypto_module_port(crypto), system_random_port(),
                                           &clock_source};
    struct api_keys *keys;
    assert_int_equal(api_keys_open(&config, &keys, NULL), ST_OK);
    return keys;
}

static void create(struct api_keys *keys, const struct api_key_wish *wish, char *text)
{
    const struct api_key *made;
    struct error err = {0};
    api_keys_create(keys, wish, text, &made, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(strlen(text), API_KEY_LEN);
    assert_memory_equal(text + 4, made->id.ptr, API_KEY_ID_LEN);
}

static const struct api_key_wish plain = {STR_INIT("laptop"), STR_INIT("local"), STR_INIT(""), 0};

static bool lets_in(struct api_keys *keys, const char *text)
{
    const struct api_key *found = NULL;
    struct error err = {0};
    int rc = api_keys_find(keys, str_from(text), &found, &err);
    if (rc) {
        assert_int_equal(rc, ST_DENIED);
        assert_string_equal(err.text, "the API key is not valid");
        assert_null(found);
    }
    return rc == ST_OK;
}

static void read_file(char *out, size_t size)
{
    int fd = open(file, O_RDONLY);
    ssize_t len = read(fd, out, size - 1);
    assert_true(len > 0);
    out[len] = '\0';
    close(fd);
}

static void write_file(const char *text)
{
    int fd = open(file, O_WRONLY | O_TRUNC | O_CREAT, 0600);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static int set_up(void **state)
{
    (void)state;
    now_ms = BEGIN_MS;
    snprintf(root, sizeof(root), "/tmp/hexmcp-api-keys.XXXXXX");
    if (!mkdtemp(root))
        return -1;
    snprintf(file, sizeof(file), "%s/state/keys.json", root);
    return crypto_module_new(TEST_MODULES_DIR, &crypto, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    char path[160];
    crypto_module_free(crypto);
    unlink(file);
    snprintf(path, sizeof(path), "%s.lock", file);
    unlink(path);
    snprintf(path, sizeof(path), "%s/state", root);
    rmdir(path);
    /* Fails, and the test with it, if anything else was left behind. */
    return rmdir(root);
}

static void test_none_lets_nobody_in(void **state)
{
    (void)state;
    const char *good = "hxk_abcdefghij_0123456789012345678901234567890123456789012";
    struct api_keys *keys = open_keys(file), *nowhere = open_keys(NULL);
    struct stat st;
    assert_false(lets_in(keys, good));
    assert_false(lets_in(keys, ""));
    assert_false(lets_in(nowhere, good));
    assert_int_equal(stat(file, &st), -1);
    now_ms += API_KEYS_LOOK_MS;
    char folder[96];
    snprintf(folder, sizeof(folder), "%s/state", root);
    assert_int_equal(mkdir(folder, 0700), 0);
    write_file("{\"version\":1,\"keys\":[]}\n");
    assert_false(lets_in(keys, good));
    api_keys_free(nowhere);
    api_keys_free(keys);
}

static void test_lets_in_by_the_whole_key(void **state)
{
    (void)state;
    char text[API_KEY_LEN + 1], other[API_KEY_LEN + 1], bent[API_KEY_LEN + 2];
    struct api_keys *keys = open_keys(file);
    create(keys, &plain, text);
    create(keys, &plain, other);
    assert_true(lets_in(keys, text));
    assert_true(lets_in(keys, other));
    for (size_t i = 0; i < API_KEY_LEN; i++) {
        memcpy(bent, text, sizeof(text));
        bent[i] = bent[i] == 'A' ? 'B' : 'A';
        assert_false(lets_in(keys, bent));
        memcpy(bent, text, i);
        bent[i] = '\0';
        assert_false(lets_in(keys, bent));
    }
    snprintf(bent, sizeof(bent), "%sA", text);
    assert_false(lets_in(keys, bent));
    /* The secret of one with the id of the other. */
    memcpy(bent, text, 4 + API_KEY_ID_LEN + 1);
    memcpy(bent + 4 + API_KEY_ID_LEN + 1, other + 4 + API_KEY_ID_LEN + 1, API_KEY_SECRET_LEN + 1);
    assert_false(lets_in(keys, bent));
    api_keys_free(keys);
}

static void test_what_is_kept(void **state)
{
    (void)state;
    const struct api_key_wish wish = {STR("Ann's \"laptop\""), STR("acme"), STR("mcp:use admin"),
                                      BEGIN_MS + DAY_MS};
    char text[API_KEY_LEN + 1], kept[1024], wanted[512];
    uint8_t digest[SHA256_BYTES];
    const struct api_key *found;
    struct stat st;
    struct api_keys *keys = open_keys(file);
    create(keys, &wish, text);
    assert_int_equal(stat(file, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    read_file(kept, sizeof(kept));
    assert_null(strstr(kept, text + 4 + API_KEY_ID_LEN + 1));
    assert_int_equal(api_keys_find(keys, str_from(text), &found, NULL), ST_OK);
    assert_true(str_eq(found->name, wish.name));
    assert_true(str_eq(found->tenant, wish.tenant));
    assert_true(str_eq(found->scopes, wish.scopes));
    assert_int_equal(found->expires_ms, wish.expires_ms);
    crypto_module_port(crypto)->sha256(crypto_module_port(crypto)->ctx, str_from(text), digest,
                                       NULL);
    assert_memory_equal(found->hash, digest, SHA256_BYTES);
    snprintf(wanted, sizeof(wanted),
             "{\"version\":1,\"keys\":[{\"id\":\"%.*s\",\"name\":\"Ann's \\\"laptop\\\"\","
             "\"tenant\":\"acme\",\"scopes\":\"mcp:use admin\",\"sha256\":\"",
             API_KEY_ID_LEN, text + 4);
    assert_memory_equal(kept, wanted, strlen(wanted));
    assert_string_equal(kept + strlen(wanted) + 43,
                        "\",\"created\":1700000000000,\"expires\":1700086400000,"
                        "\"revoked\":null}]}\n");
    api_keys_free(keys);
}

static void test_expires(void **state)
{
    (void)state;
    const struct api_key_wish wish = {STR("a"), STR("local"), STR(""), BEGIN_MS + 5000};
    char text[API_KEY_LEN + 1];
    struct api_keys *keys = open_keys(file);
    create(keys, &wish, text);
    now_ms += 4999;
    assert_true(lets_in(keys, text));
    now_ms++;
    assert_false(lets_in(keys, text));
    api_keys_free(keys);
}

static void test_revoked_in_another_process(void **state)
{
    (void)state;
    char text[API_KEY_LEN + 1], other[API_KEY_LEN + 1];
    const struct api_key *key;
    struct error err;
    struct api_keys *server = open_keys(file), *command = open_keys(file);
    create(command, &plain, text);
    create(command, &plain, other);
    assert_true(lets_in(server, text));
    struct str id = {text + 4, API_KEY_ID_LEN};
    assert_int_equal(api_keys_revoke(command, id, &key, NULL), ST_OK);
    assert_int_equal(key->revoked_ms, BEGIN_MS);
    now_ms += API_KEYS_LOOK_MS;
    assert_false(lets_in(server, text));
    assert_true(lets_in(server, other));
    assert_false(lets_in(command, text));
    assert_int_equal(api_keys_revoke(command, id, &key, NULL), ST_OK);
    assert_int_equal(key->revoked_ms, BEGIN_MS);
    char wanted[ERROR_TEXT_SIZE];
    snprintf(wanted, sizeof(wanted),
             "there is no API key nonsense in %s; \"hexmcp key list\" lists them", file);
    assert_int_equal(api_keys_revoke(command, STR("nonsense"), &key, &err), ST_NOT_FOUND);
    assert_string_equal(err.text, wanted);
    assert_int_equal(unlink(file), 0);
    now_ms += API_KEYS_LOOK_MS;
    assert_false(lets_in(server, other));
    api_keys_free(command);
    api_keys_free(server);
}

#define PROCESSES 8

/* Each makes a key at the same time: none may be lost. */
static void test_processes(void **state)
{
    (void)state;
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    for (int i = 0; i < PROCESSES; i++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            char wait, text[API_KEY_LEN + 1];
            const struct api_key *made;
            close(ready[1]);
            ssize_t ended = read(ready[0], &wait, 1);
            _exit(ended != 0 || api_keys_create(open_keys(file), &plain, text, &made, NULL));
        }
    }
    close(ready[0]);
    close(ready[1]);
    for (int i = 0, status; i < PROCESSES; i++)
        assert_true(wait(&status) > 0 && status == 0);
    struct api_keys *keys = open_keys(file);
    assert_int_equal(api_keys_refresh(keys, NULL), ST_OK);
    assert_int_equal(api_keys_count(keys), PROCESSES);
    api_keys_free(keys);
}

static void test_old_keys_are_dropped(void **state)
{
    (void)state;
    char text[API_KEY_LEN + 1];
    const struct api_key *key;
    struct api_keys *keys = open_keys(file);
    create(keys, &plain, text);
    assert_int_equal(
        api_keys_revoke(keys, (struct str){text + 4, API_KEY_ID_LEN}, &key, NULL), ST_OK);
    now_ms += API_KEYS_KEPT_DAYS * DAY_MS;
    create(keys, &plain, text);
    assert_int_equal(api_keys_count(keys), 2);
    now_ms++;
    create(keys, &plain, text);
    assert_int_equal(api_keys_count(keys), 2);
    api_keys_free(keys);
}

static void test_wishes(void **state)
{
    (void)state;
    static const struct {
        struct api_key_wish wish;
        const char *text;
    } wrong[] = {
        {{STR_INIT(""), STR_INIT("local"), STR_INIT(""), 0},
         "the name of a key must be 1 to 128 bytes of text on one line"},
        {{STR_INIT("a\nb"), STR_INIT("local"), STR_INIT(""), 0},
         "the name of a key must be 1 to 128 bytes of text on one line"},
        {{STR_INIT("\xff"), STR_INIT("local"), STR_INIT(""), 0},
         "the name of a key must be 1 to 128 bytes of text on one line"},
        {{STR_INIT("a"), STR_INIT(""), STR_INIT(""), 0},
         "the tenant of a key must be 1 to 128 bytes of text on one line"},
        {{STR_INIT("a"), STR_INIT("local"), STR_INIT("a  b"), 0},
         "the scopes of a key must be words of visible ASCII, without \" and \\, separated by one "
         "space, together at most 128 bytes"},
    };
    struct api_keys *keys = open_keys(file), *nowhere = open_keys(NULL);
    char text[API_KEY_LEN + 1];
    const struct api_key *made;
    struct error err;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(api_keys_create(keys, &wrong[i].wish, text, &made, &err), ST_INVALID);
        assert_string_equal(err.text, wrong[i].text);
    }
    assert_int_equal(api_keys_create(nowhere, &plain, text, &made, &err), ST_CONFIG);
    assert_string_equal(
        err.text, "there is no place for API keys: HOME is not set; set it, or auth.keys_file");
    api_keys_free(nowhere);
    api_keys_free(keys);
}

static void assert_refused(const char *fault, const char *text)
{
    struct api_keys *keys = open_keys(file);
    const struct api_key *found;
    char wanted[ERROR_TEXT_SIZE], made[API_KEY_LEN + 1];
    struct error err;
    snprintf(wanted, sizeof(wanted),
             "the file of API keys %s %s; nobody is let in by a key until it is put right, or "
             "deleted and keys are made anew with \"hexmcp key create\"",
             file, fault);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(api_keys_find(keys, str_from(text), &found, &err), ST_CONFIG);
        assert_string_equal(err.text, wanted);
    }
    assert_int_equal(api_keys_create(keys, &plain, made, &found, &err), ST_CONFIG);
    assert_string_equal(err.text, wanted);
    api_keys_free(keys);
}

static void test_files_that_cannot_be_used(void **state)
{
    (void)state;
#define HASH "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define KEY(id, rest)                                                                              \
    "{\"version\":1,\"keys\":[{\"id\":\"" id "\",\"name\":\"a\",\"tenant\":\"t\",\"scopes\":\"\"," \
    rest "}]}"
    static const char *const texts[] = {
        "",
        "[]",
        "{\"version\":2,\"keys\":[]}",
        "{\"version\":1}",
        "{\"version\":1,\"version\":1,\"keys\":[]}",
        KEY("abc", "\"sha256\":\"" HASH "\",\"created\":1,\"expires\":null,\"revoked\":null"),
        KEY("abcdefghij", "\"sha256\":\"AAAA\",\"created\":1,\"expires\":null,\"revoked\":null"),
        KEY("abcdefghij", "\"sha256\":\"" HASH "\",\"created\":1,\"expires\":null,\"revoked\":0"),
        KEY("abcdefghij", "\"sha256\":\"" HASH "\",\"created\":1,\"expires\":\"never\","
                          "\"revoked\":null"),
        KEY("abcdefghij", "\"sha256\":\"" HASH "\",\"created\":1,\"revoked\":null"),
    };
    char text[API_KEY_LEN + 1];
    struct api_keys *keys = open_keys(file);
    create(keys, &plain, text);
    api_keys_free(keys);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        write_file(texts[i]);
        assert_refused("is damaged", text);
    }
    write_file("{\"version\":1,\"keys\":[]}");
    assert_int_equal(chmod(file, 0640), 0);
    assert_refused("was open to other users", text);
    assert_int_equal(unlink(file), 0);
    assert_int_equal(symlink("/dev/zero", file), 0);
    assert_refused("is not a regular file", text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_none_lets_nobody_in), TEST(test_lets_in_by_the_whole_key),
        TEST(test_what_is_kept),        TEST(test_expires),
        TEST(test_processes),           TEST(test_revoked_in_another_process),
        TEST(test_wishes),              TEST(test_old_keys_are_dropped),
        TEST(test_files_that_cannot_be_used),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
