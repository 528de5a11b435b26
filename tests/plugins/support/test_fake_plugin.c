/* The part of the fake host that drives a plugin, with one that breaks the contract on demand. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#if defined(__SANITIZE_ADDRESS__)
#define LEAKS_ARE_FOUND
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LEAKS_ARE_FOUND
#endif
#endif
#ifdef LEAKS_ARE_FOUND
#include <sanitizer/lsan_interface.h>
#endif

#include <cmocka.h>

#include "hexmcp/await.h"
#include "hexmcp/test/fake_host.h"

#define S(text) ((hexmcp_str){text, sizeof(text) - 1})
#define LEN(array) (sizeof(array) / sizeof((array)[0]))

static const hexmcp_host *host;
static hexmcp_call waiting;
static unsigned stops;

static int32_t wait_for_timer(hexmcp_call call, hexmcp_error *err)
{
    const hexmcp_timer_1 *timer = host->get_interface(host->ctx, HEXMCP_TIMER_1);
    hexmcp_await *a = hexmcp_await_new(host);
    int32_t asked = timer->after(timer->ctx, 5, hexmcp_await_reply, a);
    if (hexmcp_await_wait(a, asked, 60000, NULL, NULL) != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_TIMEOUT, "no timer");
    return hexmcp_complete_text(host, call, HEXMCP_RESULT, S("waited"));
}

static int32_t read_file(hexmcp_call call, hexmcp_str path, hexmcp_error *err)
{
    const hexmcp_files_1 *files = host->get_interface(host->ctx, HEXMCP_FILES_1);
    char text[64];
    int32_t fd;
    int32_t status = files->open(files->ctx, call, path, HEXMCP_FILES_READ, &fd, err);
    if (status != HEXMCP_OK)
        return status;
    ssize_t len = read(fd, text, sizeof(text));
    close(fd);
    return hexmcp_complete_text(host, call, HEXMCP_RESULT, (hexmcp_str){text, (size_t)len});
}

static int32_t where(hexmcp_call call)
{
    const hexmcp_thread_check_1 *check = host->get_interface(host->ctx, HEXMCP_THREAD_CHECK_1);
    bool loop = check->is_loop(check->ctx), worker = check->is_worker(check->ctx);
    return hexmcp_complete_text(host, call, HEXMCP_RESULT,
                                hexmcp_str_from(loop && !worker   ? "loop"
                                                : worker && !loop ? "worker"
                                                                  : "nowhere"));
}

/* Faults, by the tool's name. */
static int32_t misbehave(hexmcp_call call, hexmcp_str name, hexmcp_error *err)
{
    while (hexmcp_str_equals(name, "hang"))
        pause();
    if (hexmcp_str_equals(name, "complete-and-fail")) {
        host->complete(host->ctx, call, HEXMCP_RESULT, S("{}"));
        return hexmcp_fail(err, HEXMCP_E_GENERIC, "after all");
    }
    if (hexmcp_str_equals(name, "twice"))
        host->complete(host->ctx, call, HEXMCP_RESULT, S("{}"));
    if (hexmcp_str_equals(name, "outcome"))
        host->complete(host->ctx, call, 5, S("{}"));
    if (hexmcp_str_equals(name, "no-json"))
        host->complete(host->ctx, call, HEXMCP_RESULT, S("{\"a\":tru}"));
    if (hexmcp_str_equals(name, "array"))
        host->complete(host->ctx, call, HEXMCP_RESULT, S("[]"));
    if (hexmcp_str_equals(name, "nul"))
        host->complete(host->ctx, call, HEXMCP_RESULT, S("{}\0"));
    if (hexmcp_str_equals(name, "twice"))
        host->complete(host->ctx, call, HEXMCP_RESULT, S("{}"));
    if (hexmcp_str_equals(name, "silent-error"))
        return HEXMCP_E_DENIED;
    if (hexmcp_str_equals(name, "status"))
        return 2;
    return HEXMCP_OK;
}

static int32_t call(void *self, hexmcp_call id, hexmcp_str name, hexmcp_str args, hexmcp_error *err)
{
    (void)self;
    waiting = id;
    if (hexmcp_str_equals(name, "echo"))
        return hexmcp_complete_text(host, id, HEXMCP_RESULT, args);
    if (hexmcp_str_equals(name, "pending"))
        return HEXMCP_PENDING;
    if (hexmcp_str_equals(name, "timer"))
        return wait_for_timer(id, err);
    if (hexmcp_str_equals(name, "read"))
        return read_file(id, args, err);
    if (hexmcp_str_equals(name, "where"))
        return where(id);
    if (hexmcp_str_equals(name, "refuse"))
        return hexmcp_fail(err, HEXMCP_E_DENIED, "not you");
    return misbehave(id, name, err);
}

static void cancel(void *self, hexmcp_call id)
{
    (void)self;
    host->complete(host->ctx, id, HEXMCP_CANCELLED, S(""));
}

static const hexmcp_tool_1 tool = {.size = sizeof(tool), .call = call, .cancel = cancel};

static int32_t init(void *self, hexmcp_str config, hexmcp_error *err)
{
    (void)self;
    if (hexmcp_str_equals(config, "{\"silent\":true}"))
        return HEXMCP_E_CONFIG;
    if (!hexmcp_str_equals(config, "{}"))
        return hexmcp_fail(err, HEXMCP_E_CONFIG, "colour is unknown");
    return HEXMCP_OK;
}

static bool loose; /* compares ids loosely */

static const void *get_interface(void *self, const char *id)
{
    (void)self;
    return strcmp(id, HEXMCP_TOOL_1) == 0 || (loose && strncmp(id, HEXMCP_TOOL_1, 13) == 0) ? &tool
                                                                                            : NULL;
}

static void stop(void *self)
{
    (void)self;
    stops++;
}

static void destroy(void *self)
{
    (void)self;
}

static const hexmcp_plugin whole = {.size = sizeof(whole),
                                    .init = init,
                                    .get_interface = get_interface,
                                    .stop = stop,
                                    .destroy = destroy};
static const hexmcp_plugin *table = &whole;
static bool early; /* uses the host in create */

static int32_t create(const hexmcp_host *given, const hexmcp_plugin **out, hexmcp_error *err)
{
    host = given;
    if (early)
        host->get_interface(host->ctx, HEXMCP_TIMER_1);
    if (!table)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory");
    host->log(host->ctx, 0, HEXMCP_LOG_DEBUG, S("made"));
    *out = table;
    return HEXMCP_OK;
}

static const hexmcp_plugin_info_1 info = {
    {'H', 'E', 'X', 'M', 'C', 'P', '\r', '\n'}, sizeof(info), 1, 0, 0, "org.example.x", "1.0.0", {0}};

static hexmcp_fake_plugin p;

static int load(void **state)
{
    (void)state;
    hexmcp_fake_load_linked(&p, &info, create, "{}");
    return 0;
}

static int unload(void **state)
{
    (void)state;
    hexmcp_fake_unload(&p);
    return 0;
}

static void assert_breach(const char *text)
{
    char breach[500];
    hexmcp_fake_take_breach(p.fake, breach, sizeof(breach));
    assert_string_equal(breach, text);
}

static void assert_text(const char *name, const char *args, const char *text)
{
    hexmcp_fake_answer a;
    char json[200];
    snprintf(json, sizeof(json), "{\"content\":[{\"type\":\"text\",\"text\":\"%s\"}]}", text);
    hexmcp_fake_run(&p, name, args, &a);
    assert_string_equal(a.error.text, "");
    assert_int_equal(a.status, HEXMCP_OK);
    assert_int_equal(a.outcome, HEXMCP_RESULT);
    assert_string_equal(a.json, json);
    assert_int_equal(a.len, strlen(json));
    hexmcp_fake_answer_free(&a);
}

static void runs_calls(void **state)
{
    (void)state;
    assert_string_equal(hexmcp_fake_note(p.fake, HEXMCP_FAKE_NOTE_LOG, 0)->text, "made");
    assert_text("echo", "hey", "hey");
    assert_int_equal(hexmcp_fake_count(p.fake, HEXMCP_FAKE_COMPLETE), 1);
    const hexmcp_fake_record *done = hexmcp_fake_last_note(p.fake, HEXMCP_FAKE_NOTE_COMPLETE);
    assert_int_equal(done->level, HEXMCP_RESULT);
    assert_string_equal(done->text, "{\"content\":[{\"type\":\"text\",\"text\":\"hey\"}]}");
}

static void runs_them_where_they_belong(void **state)
{
    (void)state;
    assert_text("where", "{}", "worker");
    p.thread = HEXMCP_FAKE_ON_LOOP;
    assert_text("where", "{}", "loop");
}

static void takes_errors(void **state)
{
    hexmcp_fake_answer a;
    (void)state;
    hexmcp_fake_run(&p, "refuse", "{}", &a);
    assert_int_equal(a.status, HEXMCP_E_DENIED);
    assert_int_equal(a.outcome, HEXMCP_FAIL);
    assert_null(a.json);
    assert_string_equal(a.error.text, "not you");
    host->complete(host->ctx, a.call, HEXMCP_RESULT, S("{}"));
    assert_breach("call 1 was completed after its function had returned an error");
}

static void cancels(void **state)
{
    hexmcp_fake_answer a;
    hexmcp_fake_asked *asked = hexmcp_fake_begin_tool(&p, "pending", "{}");
    (void)state;
    hexmcp_fake_cancel(asked);
    hexmcp_fake_end(asked, &a);
    assert_int_equal(a.status, HEXMCP_PENDING);
    assert_int_equal(a.outcome, HEXMCP_CANCELLED);
    hexmcp_fake_answer_free(&a);
}

static void waits_in_real_time(void **state)
{
    (void)state;
    hexmcp_fake_real_time(p.fake);
    assert_text("timer", "{}", "waited");
}

/* Whether what is allocated now is looked for at the end. */
static void leak_check(bool on)
{
#ifdef LEAKS_ARE_FOUND
    (on ? __lsan_enable : __lsan_disable)();
#else
    (void)on;
#endif
}

static void a_call_that_does_not_end_is_a_breach(void **state)
{
    hexmcp_fake_answer a;
    (void)state;
    hexmcp_fake_limit(p.fake, 0);
    p.thread = HEXMCP_FAKE_ON_LOOP;
    hexmcp_fake_run(&p, "pending", "{}", &a);
    assert_int_equal(a.status, HEXMCP_E_TIMEOUT);
    assert_breach("call 1 did not complete within 0 ms");
    assert_int_equal(host->complete(host->ctx, waiting, HEXMCP_RESULT, S("{}")),
                     HEXMCP_E_NOT_FOUND);
}

static void a_function_that_hangs_is_a_breach(void **state)
{
    hexmcp_fake_answer a;
    (void)state;
#if defined(__SANITIZE_THREAD__)
    print_message("# left out: the thread that hangs is left, and nothing orders it and the end\n");
    return;
#endif
    hexmcp_fake_limit(p.fake, 0);
    leak_check(false); /* the thread that hangs keeps its call, at times in a register alone */
    hexmcp_fake_run(&p, "hang", "{}", &a);
    leak_check(true);
    assert_int_equal(a.status, HEXMCP_E_TIMEOUT);
    assert_breach("call 1 did not return within 0 ms");
    hexmcp_fake_unload(&p);
    load(NULL);
}

static void a_call_given_up_ends_as_timed_out(void **state)
{
    hexmcp_fake_answer a;
    hexmcp_fake_asked *asked = hexmcp_fake_begin_tool(&p, "pending", "{}");
    (void)state;
    hexmcp_fake_give_up(p.fake, asked->call);
    hexmcp_fake_end(asked, &a);
    assert_int_equal(a.status, HEXMCP_E_TIMEOUT);
    assert_int_equal(host->complete(host->ctx, waiting, HEXMCP_RESULT, S("{}")),
                     HEXMCP_E_NOT_FOUND);
}

static const struct {
    const char *name, *breach;
} faults[] = {
    {"nothing", "call 1 returned HEXMCP_OK, but was not completed"},
    {"twice", "call 1 was completed twice"},
    {"complete-and-fail", "call 1 was completed, and its function returned the error -1"},
    {"outcome", "call 1 was completed with the unknown outcome 5"},
    {"no-json", "call 1 was completed with text that is no JSON object: {\"a\":tru}"},
    {"array", "call 1 was completed with text that is no JSON object: []"},
    {"nul", "call 1 was completed with text that is no JSON object: {}"},
    {"silent-error", "call 1 returned -6, but its error says 0 \"\""},
    {"status", "call 1 returned the unknown status 2"},
};

static void notes_breaches(void **state)
{
    for (size_t i = 0; i < LEN(faults); i++) {
        hexmcp_fake_answer a;
        load(state);
        hexmcp_fake_run(&p, faults[i].name, "{}", &a);
        assert_breach(faults[i].breach);
        hexmcp_fake_answer_free(&a);
        unload(state);
    }
}

static void opens_files(void **state)
{
    hexmcp_fake_answer a;
    (void)state;
    hexmcp_fake_put_file(p.fake, "a.txt", "some text", 9);
    assert_text("read", "a.txt", "some text");
    char path[600];
    snprintf(path, sizeof(path), "%s/a.txt", hexmcp_fake_folder(p.fake));
    assert_text("read", path, "some text");
    static const struct {
        const char *path;
        int32_t code;
    } refused[] = {{"b.txt", HEXMCP_E_NOT_FOUND}, {"../a.txt", HEXMCP_E_DENIED},
                   {"/etc/passwd", HEXMCP_E_DENIED}, {"", HEXMCP_E_INVALID},
                   {".", HEXMCP_E_INVALID}, {"a.txt/b", HEXMCP_E_INVALID}};
    for (size_t i = 0; i < LEN(refused); i++) {
        hexmcp_fake_run(&p, "read", refused[i].path, &a);
        assert_int_equal(a.status, refused[i].code);
    }
    hexmcp_fake_fail(p.fake, HEXMCP_FAKE_FILES_OPEN, 1, HEXMCP_E_DENIED);
    hexmcp_fake_run(&p, "read", "a.txt", &a);
    assert_string_equal(a.error.text, "the fake host was told to refuse");
    assert_text("read", "a.txt", "some text");
}

static void files_belong_to_workers(void **state)
{
    (void)state;
    hexmcp_fake_put_file(p.fake, "a.txt", "x", 1);
    p.thread = HEXMCP_FAKE_ON_LOOP;
    assert_text("read", "a.txt", "x");
    assert_breach("hexmcp.files/1 was used on the loop thread; run the tool in worker mode");
}

static void links_are_not_followed(void **state)
{
    hexmcp_fake_answer a;
    char path[600];
    (void)state;
    snprintf(path, sizeof(path), "%s/link", hexmcp_fake_folder(p.fake));
    assert_int_equal(symlink("/etc/passwd", path), 0);
    hexmcp_fake_run(&p, "read", "link", &a);
    assert_int_equal(a.status, HEXMCP_E_DENIED);
    snprintf(path, sizeof(path), "%s/sub", hexmcp_fake_folder(p.fake));
    assert_int_equal(mkdir(path, 0700), 0);
    hexmcp_fake_put_file(p.fake, "sub/b.txt", "y", 1);
    assert_text("read", "sub/b.txt", "y");
}

static void the_folder_goes_with_the_host(void **state)
{
    struct stat st;
    char path[600];
    (void)state;
    hexmcp_fake_put_file(p.fake, "a.txt", "x", 1);
    snprintf(path, sizeof(path), "%s", hexmcp_fake_folder(p.fake));
    assert_int_equal(stat(path, &st), 0);
    hexmcp_fake_unload(&p);
    assert_int_equal(stat(path, &st), -1);
    load(state);
}

static void assert_not_made(int32_t code, const char *text)
{
    hexmcp_fake_plugin q;
    hexmcp_error err;
    hexmcp_fake *fake = hexmcp_fake_new();
    assert_int_equal(hexmcp_fake_create(&q, fake, &info, create, &err), code);
    assert_string_equal(err.text, text);
    assert_null(q.plugin);
    hexmcp_fake_free(fake);
}

static void refuses_what_is_no_plugin(void **state)
{
    hexmcp_fake_plugin q;
    hexmcp_error err;
    hexmcp_plugin part = whole;
    hexmcp_plugin_info_1 other = info;
    hexmcp_fake *fake = hexmcp_fake_new();
    (void)state;
    part.destroy = NULL;
    table = &part;
    assert_not_made(HEXMCP_E_PROTOCOL,
                    "the plugin's table lacks init, get_interface or destroy, or its size");
    table = NULL;
    assert_not_made(HEXMCP_E_NOMEM, "out of memory");
    table = &whole;
    other.abi_major = 2;
    assert_int_equal(hexmcp_fake_create(&q, fake, &other, create, &err), HEXMCP_E_PROTOCOL);
    assert_string_equal(err.text, "the plugin has ABI version 2, the host 1");
    other.magic[0] = 'h';
    assert_int_equal(hexmcp_fake_create(&q, fake, &other, create, &err), HEXMCP_E_PROTOCOL);
    assert_int_equal(hexmcp_fake_create_from(&q, fake, "/nowhere/plugin.so", &err),
                     HEXMCP_E_NOT_FOUND);
    hexmcp_fake_free(fake);
}

static void watches_the_lifecycle(void **state)
{
    hexmcp_error err;
    (void)state;
    early = loose = true;
    assert_int_equal(hexmcp_fake_create(&p, hexmcp_fake_new(), &info, create, &err), HEXMCP_OK);
    assert_breach("create() used the host; only log() is legal before init()");
    assert_int_equal(hexmcp_fake_init(&p, "{\"silent\":true}", &err), HEXMCP_E_CONFIG);
    assert_breach("init() returned -13, but its error says 0 \"\"");
    assert_int_equal(hexmcp_fake_init(&p, "{\"colour\":1}", &err), HEXMCP_E_CONFIG);
    assert_string_equal(err.text, "colour is unknown");
    assert_int_equal(hexmcp_fake_init(&p, "{}", &err), HEXMCP_OK);
    assert_breach("get_interface() knows an id that does not exist; compare ids whole");
    early = loose = false;
    stops = 0;
    hexmcp_fake_destroy(&p); /* never started: not stopped */
    assert_int_equal(stops, 0);
    hexmcp_fake_unload(&p);
    load(NULL);
    unload(NULL);
    assert_int_equal(stops, 1);
}

/* A breach that the test does not look at must not let it pass. */
static void an_unseen_breach_aborts(void **state)
{
    int status;
    (void)state;
#if defined(__SANITIZE_THREAD__)
    print_message("# left out: the thread sanitizer ends a child that starts threads\n");
    return;
#endif
    pid_t child = fork();
    if (child == 0) {
        hexmcp_fake_answer a;
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        signal(SIGABRT, SIG_DFL);
        fclose(stderr);
        load(NULL);
        hexmcp_fake_run(&p, "twice", "{}", &a);
        hexmcp_fake_unload(&p);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
}

#define T(test) cmocka_unit_test_setup_teardown(test, load, unload)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(runs_calls),
        T(runs_them_where_they_belong),
        T(takes_errors),
        T(cancels),
        T(waits_in_real_time),
        T(a_call_that_does_not_end_is_a_breach),
        T(a_function_that_hangs_is_a_breach),
        T(a_call_given_up_ends_as_timed_out),
        cmocka_unit_test(notes_breaches),
        T(opens_files),
        T(files_belong_to_workers),
        T(links_are_not_followed),
        T(the_folder_goes_with_the_host),
        cmocka_unit_test(refuses_what_is_no_plugin),
        cmocka_unit_test(watches_the_lifecycle),
        cmocka_unit_test(an_unseen_breach_aborts),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("fake-plugin", tests, NULL, NULL);
}
