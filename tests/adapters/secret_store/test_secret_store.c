/* Secrets: where values come from, where they may go, and that nothing else sees them. */
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "adapters/driven/secret_store/secret_store.h"
#include "core/base/buffer.h"
#include "core/base/error.h"
#include "core/base/str.h"

static char folder[64], file[96];
static struct secret_store *store;
static const struct secret_store_port *port;

static const struct str granted[] = {STR_INIT("token"), STR_INIT("pass"), STR_INIT("key"),
                                     STR_INIT("gone"), STR_INIT("unknown")};
static const struct str revealed[] = {STR_INIT("pass")};
static const struct plugin_grants grants = {
    .secrets = granted, .secret_count = 5, .revealed = revealed, .revealed_count = 1};

static void open_store(const char *sources)
{
    struct error err = {0};
    secret_store_free(store);
    store = NULL;
    int rc = secret_store_new(str_from(sources), &store, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, ST_OK);
    port = secret_store_port(store);
}

static void write_file(const char *text, mode_t mode)
{
    unlink(file);
    int fd = open(file, O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

static void open_usual(void)
{
    char sources[600];
    snprintf(sources, sizeof(sources),
             "{\"token\": {\"env\": \"TEST_TOKEN\", \"hosts\": [\"api.example.org\"]},"
             " \"pass\": {\"file\": \"%s\", \"hosts\": [\"*.example.org\", \"127.0.0.1:9000\"]},"
             " \"key\": {\"keyring\": \"hexmcp-test-%d\", \"hosts\": [\"api.example.org\"]},"
             " \"other\": {\"env\": \"TEST_TOKEN\", \"hosts\": [\"api.example.org\"]},"
             " \"gone\": {\"env\": \"TEST_GONE\", \"hosts\": [\"api.example.org\"]}}",
             file, (int)getpid());
    setenv("TEST_TOKEN", "t0ken \"quoted\"/value", 1);
    unsetenv("TEST_GONE");
    write_file("s3cret-pass\n", 0600);
    open_store(sources);
}

static int fill(enum secret_coding coding, const char *host, uint16_t to, const char *text,
                const char *expected)
{
    struct buffer out = BUFFER_INIT;
    struct error err = {0};
    const struct secret_use use = {&grants, str_from(host), to};
    buffer_add_str(&out, STR("> "));
    int rc = port->fill(port->ctx, &use, coding, str_from(text), &out, &err);
    buffer_add_char(&out, '\0');
    assert_string_equal(rc ? err.text : out.data + 2, expected);
    if (rc)
        assert_string_equal(out.data, "> ");
    buffer_wipe(&out);
    return rc;
}

static int fill_usual(const char *text, const char *expected)
{
    return fill(SECRET_PLAIN, "api.example.org", 443, text, expected);
}

static void test_fill(void **state)
{
    (void)state;
    open_usual();
    assert_int_equal(fill_usual("Bearer {{secret:token}}", "Bearer t0ken \"quoted\"/value"), ST_OK);
    assert_int_equal(fill(SECRET_PERCENT, "api.example.org", 443, "/a?t={{secret:token}}&b=%20",
                          "/a?t=t0ken%20%22quoted%22%2Fvalue&b=%20"),
                     ST_OK);
    assert_int_equal(fill(SECRET_PLAIN, "127.0.0.1", 9000, "{{secret:pass}}:{{secret:pass}}",
                          "s3cret-pass:s3cret-pass"),
                     ST_OK);
    assert_int_equal(fill_usual("nothing {{here}} {{", "nothing {{here}} {{"), ST_OK);
    assert_int_equal(fill_usual("", ""), ST_OK);
}

static void test_fill_refuses(void **state)
{
    static const char *const malformed[] = {"{{secret:token", "{{secret:}}", "{{secret:to ken}}",
                                            "{{secret:9}}", "{{secret:{{secret:token}}}}"};
    (void)state;
    open_usual();
    assert_int_equal(fill(SECRET_PLAIN, "evil.example.com", 443, "{{secret:token}}",
                          "the secret token may not be sent to evil.example.com, port 443; add a "
                          "rule to \"hosts\" of it in secrets.sources"),
                     ST_DENIED);
    assert_int_equal(fill(SECRET_PLAIN, "api.example.org", 8443, "{{secret:token}}",
                          "the secret token may not be sent to api.example.org, port 8443; add a "
                          "rule to \"hosts\" of it in secrets.sources"),
                     ST_DENIED);
    assert_int_equal(fill_usual("a {{secret:other}}",
                                "the plugin was not granted the secret other; the operator "
                                "names it in grants.secrets, and plugin.json in \"grants\": "
                                "{\"secrets\": [...]}"),
                     ST_DENIED);
    assert_int_equal(fill_usual("{{secret:unknown}}",
                                "there is no secret unknown; add it to secrets.sources in the "
                                "configuration"),
                     ST_NOT_FOUND);
    assert_int_equal(fill_usual("{{secret:gone}}",
                                "secret gone: the variable TEST_GONE is not set"),
                     ST_UNAVAILABLE);
    setenv("TEST_GONE", "", 1);
    assert_int_equal(fill_usual("{{secret:gone}}",
                                "secret gone: the variable TEST_GONE is empty"),
                     ST_UNAVAILABLE);
    for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++)
        assert_int_equal(fill_usual(malformed[i],
                                    "the handle of a secret is not \"{{secret:NAME}}\"; take it "
                                    "from hexmcp.secrets/1"),
                         ST_INVALID);
}

static void test_control_characters(void **state)
{
    (void)state;
    open_usual();
    setenv("TEST_TOKEN", "a\r\nEvil: header", 1);
    assert_int_equal(fill_usual("{{secret:token}}",
                                "the secret token has a control character, which cannot be sent "
                                "there"),
                     ST_INVALID);
    assert_int_equal(fill(SECRET_PERCENT, "api.example.org", 443, "{{secret:token}}",
                          "a%0D%0AEvil%3A%20header"),
                     ST_OK);
}

static int fill_pass(const char *expected)
{
    return fill(SECRET_PLAIN, "127.0.0.1", 9000, "{{secret:pass}}", expected);
}

static void fails_with(const char *reason)
{
    char text[200];
    snprintf(text, sizeof(text), "secret pass: the file %s %s", file, reason);
    assert_int_equal(fill_pass(text), ST_UNAVAILABLE);
}

static void test_files(void **state)
{
    (void)state;
    open_usual();
    write_file("x", 0640);
    fails_with("is open to other users; allow only its owner (chmod 600)");
    write_file("x", 0604);
    fails_with("is open to other users; allow only its owner (chmod 600)");
    write_file("\n", 0600);
    fails_with("is empty");
    unlink(file);
    fails_with("does not exist");
    assert_int_equal(mkfifo(file, 0600), 0);
    fails_with("is not a regular file");
    unlink(file);
    int fd = open(file, O_WRONLY | O_CREAT, 0600);
    assert_int_equal(ftruncate(fd, SECRET_VALUE_MAX + 1), 0);
    close(fd);
    fails_with("is longer than 64 KiB");
    if (geteuid() == 0) {
        write_file("x", 0600);
        assert_int_equal(chown(file, 12345, (gid_t)-1), 0);
        fails_with("belongs to another user");
    }
    write_file("line one\r\n", 0400);
    assert_int_equal(fill_pass("line one"), ST_OK);
}

static int fill_key(const char *expected)
{
    return fill_usual("{{secret:key}}", expected);
}

static void test_keyring(void **state)
{
    char name[64], text[200];
    (void)state;
    open_usual();
    snprintf(name, sizeof(name), "hexmcp-test-%d", (int)getpid());
    snprintf(text, sizeof(text),
             "secret key: the key %s is in no keyring of this session; add it with keyctl", name);
    assert_int_equal(fill_key(text), ST_UNAVAILABLE);
    long key = syscall(SYS_add_key, "user", name, "from the kernel", (size_t)15,
                       KEY_SPEC_PROCESS_KEYRING);
    if (key < 0 && (errno == ENOSYS || errno == EPERM)) {
        print_message("# no keyring on this kernel: reading a key was not tested\n");
        return;
    }
    assert_true(key > 0);
    assert_int_equal(fill_key("from the kernel"), ST_OK);
    assert_int_equal(syscall(SYS_keyctl, KEYCTL_REVOKE, key), 0);
    assert_int_equal(fill_key(text), ST_UNAVAILABLE);
}

static int reveal(const char *name, const char *expected)
{
    struct buffer out = BUFFER_INIT;
    struct error err = {0};
    int rc = port->reveal(port->ctx, &grants, str_from(name), &out, &err);
    buffer_add_char(&out, '\0');
    assert_string_equal(rc ? err.text : out.data, expected);
    buffer_wipe(&out);
    return rc;
}

static void test_reveal(void **state)
{
    (void)state;
    open_usual();
    assert_int_equal(reveal("pass", "s3cret-pass"), ST_OK);
    assert_int_equal(reveal("token",
                            "the plugin may not see the secret token; it may send it by its handle, "
                            "or ask for {\"name\": ..., \"reveal\": true} in \"grants\" of "
                            "plugin.json"),
                     ST_DENIED);
}

static void redacted(const char *text, const char *expected)
{
    struct buffer out = BUFFER_INIT;
    bool found = port->redact(port->ctx, str_from(text), &out);
    assert_int_equal(found, expected != NULL);
    buffer_add_char(&out, '\0');
    assert_string_equal(out.data, expected ? expected : "");
    buffer_clear(&out);
}

static void test_redact(void **state)
{
    (void)state;
    open_usual();
    redacted("before anything was read: s3cret-pass", NULL);
    fill_pass("s3cret-pass");
    fill_usual("{{secret:token}}", "t0ken \"quoted\"/value");
    redacted("nothing in it", NULL);
    redacted("", NULL);
    redacted("s3cret-pass", "{{secret:pass}}");
    redacted("a s3cret-passs3cret-pass b", "a {{secret:pass}}{{secret:pass}} b");
    redacted("{\"h\": \"t0ken \\\"quoted\\\"/value\"}", "{\"h\": \"{{secret:token}}\"}");
    redacted("?t=t0ken%20%22quoted%22%2Fvalue", "?t={{secret:token}}");
    redacted("t0ken \"quoted\"/value and s3cret-pass", "{{secret:token}} and {{secret:pass}}");
    write_file("another one\n", 0600);
    fill_pass("another one");
    redacted("the older s3cret-pass and another one",
             "the older {{secret:pass}} and {{secret:pass}}");
    write_file("short\n", 0600);
    fill_pass("short");
    redacted("in short: nothing", NULL);
}

static char logged[200];

static void write_log(void *ctx, enum log_level level, struct str component, struct str text)
{
    (void)ctx;
    snprintf(logged, sizeof(logged), "%d %.*s: %.*s", (int)level, STR_ARG(component),
             STR_ARG(text));
}

static void test_log(void **state)
{
    static const struct log_port sink = {.write = write_log};
    (void)state;
    open_usual();
    const struct log_port *log = secret_store_log(store, &sink);
    reveal("pass", "s3cret-pass");
    log->write(log->ctx, LOG_LEVEL_ERROR, STR("a.plugin"), STR("it is s3cret-pass!"));
    assert_string_equal(logged, "4 a.plugin: it is {{secret:pass}}!");
    log->write(log->ctx, LOG_LEVEL_DEBUG, STR("a.plugin"), STR("nothing"));
    assert_string_equal(logged, "0 a.plugin: nothing");
}

static void handles(const char *settings, const char *expected)
{
    struct buffer out = BUFFER_INIT;
    assert_int_equal(secret_handles_put(str_from(settings), &out, NULL), ST_OK);
    buffer_add_char(&out, '\0');
    assert_string_equal(out.data, expected);
    buffer_clear(&out);
}

static void test_handles_in_settings(void **state)
{
    struct buffer out = BUFFER_INIT;
    (void)state;
    handles("{}", "{}");
    handles("{\"a\": {\"token\": {\"secret\": \"t-1\"}, \"n\": 1.50}, \"l\": [{\"secret\": \"x\"}, null]}",
            "{\"a\":{\"token\":\"{{secret:t-1}}\",\"n\":1.50},\"l\":[\"{{secret:x}}\",null]}");
    handles("{\"a\": {\"secret\": \"x\", \"id\": 1}, \"b\": {\"secret\": \"no name\"}, "
            "\"c\": {\"secret\": 1}}",
            "{\"a\":{\"secret\":\"x\",\"id\":1},\"b\":{\"secret\":\"no name\"},"
            "\"c\":{\"secret\":1}}");
    assert_int_equal(secret_handles_put(STR("{"), &out, NULL), ST_INVALID);
    buffer_clear(&out);
}

/* What plugins say of failures, as the core hears it. */
static char said[400];

static void completed(void *ctx, uint64_t call, enum run_outcome outcome, struct str json)
{
    (void)ctx;
    snprintf(said, sizeof(said), "%d %d %.*s", (int)call, (int)outcome, STR_ARG(json));
}

static void failed(void *ctx, uint64_t call, const struct error *err)
{
    (void)ctx;
    snprintf(said, sizeof(said), "%d %d %.370s", (int)call, err->code, err->text);
}

static void progress(void *ctx, uint64_t call, double done, double total, struct str message)
{
    (void)ctx;
    snprintf(said, sizeof(said), "%d %g/%g %.*s", (int)call, done, total, STR_ARG(message));
}

static void log_line(void *ctx, uint64_t call, enum log_level level, struct str plugin,
                     struct str text)
{
    (void)ctx;
    snprintf(said, sizeof(said), "%d %d %.*s %.*s", (int)call, (int)level, STR_ARG(plugin),
             STR_ARG(text));
}

static void released(void *ctx, uint64_t call)
{
    (void)ctx;
    snprintf(said, sizeof(said), "%d", (int)call);
}

static const struct run_events *given;

static void attach(void *ctx, const struct run_events *events)
{
    (void)ctx;
    given = events;
}

static void test_runtime(void **state)
{
    static const struct run_events core = {NULL, completed, failed, progress, log_line, released};
    static const struct plugin_runtime inner = {.attach = attach};
    struct error err = {ST_DENIED, "it is s3cret-pass"};
    (void)state;
    open_usual();
    const struct plugin_runtime *runtime = secret_store_runtime(store, &inner);
    runtime->attach(runtime->ctx, &core);
    reveal("pass", "s3cret-pass");
    given->failed(given->ctx, 1, &err);
    assert_string_equal(said, "1 -6 it is {{secret:pass}}");
    given->completed(given->ctx, 2, RUN_TOOL_ERROR, STR("\"s3cret-pass\""));
    assert_string_equal(said, "2 1 \"{{secret:pass}}\"");
    given->completed(given->ctx, 3, RUN_FAIL, STR("\"s3cret-pass\""));
    assert_string_equal(said, "3 2 \"{{secret:pass}}\"");
    given->completed(given->ctx, 4, RUN_RESULT, STR("\"s3cret-pass\""));
    assert_string_equal(said, "4 0 \"s3cret-pass\"");
    given->progress(given->ctx, 5, 1, 2, STR("s3cret-pass"));
    assert_string_equal(said, "5 1/2 {{secret:pass}}");
    given->log(given->ctx, 6, LOG_LEVEL_INFO, STR("p"), STR("s3cret-pass"));
    assert_string_equal(said, "6 1 p {{secret:pass}}");
    given->released(given->ctx, 7);
    assert_string_equal(said, "7");
}

static void refused(const char *sources, const char *text)
{
    struct error err = {0};
    struct secret_store *none = NULL;
    int rc = secret_store_new(str_from(sources), &none, &err);
    assert_string_equal(err.text, text);
    assert_int_equal(rc, ST_CONFIG);
    assert_null(none);
}

static void test_settings(void **state)
{
    (void)state;
    refused("{\"a\": \"value\"}",
            "secrets.sources: \"a\" must be an object with \"env\", \"file\" or \"keyring\"; values "
            "do not stand in the configuration");
    refused("{\"a\": {}}",
            "secrets.sources: \"a\" has no source; add \"env\", \"file\" or \"keyring\"");
    refused("{\"a\": {\"env\": \"A\", \"file\": \"/a\"}}",
            "secrets.sources: \"a\" has two sources; one of \"env\", \"file\" and \"keyring\" is "
            "enough");
    refused("{\"a\": {\"env\": 1}}", "secrets.sources: \"a\" has a source that is no text");
    refused("{\"a\": {\"file\": \"a\"}}",
            "secrets.sources: \"a\" has a \"file\" that is no absolute path");
    refused("{\"a\": {\"value\": \"a\"}}",
            "secrets.sources: \"a\" has the unknown member \"value\"; known are \"env\", \"file\", "
            "\"keyring\" and \"hosts\"");
    refused("{\"a b\": {\"env\": \"A\"}}",
            "secrets.sources: \"a b\" is no name of a secret: a letter, then letters, digits, '_', "
            "'-' and '.', at most 64");
    refused("{\"a\": {\"env\": \"A\", \"hosts\": \"x\"}}",
            "secrets.sources: \"a\" has \"hosts\" that are no array of rules");
}

static int set_up(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/hexmcp-secrets-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(file, sizeof(file), "%s/pass", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    secret_store_free(store);
    unlink(file);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fill),    cmocka_unit_test(test_fill_refuses),
        cmocka_unit_test(test_control_characters),
        cmocka_unit_test(test_files),   cmocka_unit_test(test_keyring),
        cmocka_unit_test(test_reveal),  cmocka_unit_test(test_redact),
        cmocka_unit_test(test_log),     cmocka_unit_test(test_settings),
        cmocka_unit_test(test_handles_in_settings),
        cmocka_unit_test(test_runtime),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
