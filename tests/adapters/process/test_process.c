/* Programs of plugins: at the port, with real programs, and counted before and after. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#include "adapters/driven/clock/clock.h"
#include "adapters/driven/files/files.h"
#include "adapters/driven/process/process.h"
#include "tests/adapters/service_client.h"

static char folder[64];
static struct loop *loop;
static struct processes *all;
static struct path_grant granted[1];
static struct path_grants paths = {.at = granted, .count = 1};
static const struct service_port *port;

static const struct str programs[] = {STR_INIT("sh"),   STR_INIT("cat"),  STR_INIT("env"),
                                      STR_INIT("printf"), STR_INIT("sleep"), STR_INIT("true"),
                                      STR_INIT("/bin/echo"), STR_INIT("no-such-program"),
                                      STR_INIT("/tmp/../etc/passwd"), STR_INIT("a/b"),
                                      STR_INIT("python3")};
static const struct str variables[] = {STR_INIT("TEST_GIVEN"), STR_INIT("TEST_HOST"),
                                       STR_INIT("LD_PRELOAD"), STR_INIT("LANG")};
static struct plugin_grants grants = {
    .programs = programs, .program_count = 11, .env = variables, .env_count = 4};

/* What one run has said. */
struct said {
    struct told told;
    struct buffer out, err;
    size_t room;
    bool hold; /* output is not taken */
    size_t held;
    unsigned resumed;
};

static void say_taken(const struct said *s, size_t len)
{
    char text[24];
    snprintf(text, sizeof(text), "%zu", len);
    port->tell(port->ctx, s->told.id, PROCESS_TAKEN, str_from(text), STR(""));
}

static void hear(void *ctx, const struct service_event *event)
{
    struct said *s = ctx;
    if (!event->last && (event->kind == PROCESS_STDOUT || event->kind == PROCESS_STDERR)) {
        buffer_add_str(event->kind == PROCESS_STDOUT ? &s->out : &s->err, event->bytes);
        s->held += event->bytes.len;
        if (!s->hold) {
            say_taken(s, s->held);
            s->held = 0;
        }
    }
    if (!event->last && event->kind == PROCESS_ROOM)
        s->room += (size_t)atoi(event->text.ptr);
    s->resumed += !event->last && event->kind == PROCESS_RESUMED;
    told_event(&s->told, event);
}

static void forget(struct said *s)
{
    told_clear(&s->told);
    buffer_clear(&s->out);
    buffer_clear(&s->err);
    *s = (struct said){0};
}

static int begin(struct said *s, const char *json, struct str input)
{
    const struct service_request q = {.op = PROCESS_RUN,
                                      .plugin = STR("a.plugin"),
                                      .grants = &grants,
                                      .paths = &paths,
                                      .text = str_from(json),
                                      .bytes = input};
    const struct service_sink sink = {s, hear};
    struct error err = {0};
    s->told.status = port->open(port->ctx, &q, &sink, &s->told.id, &err);
    if (s->told.status) {
        s->told.last = true;
        buffer_add(&s->told.text, err.text, strlen(err.text) + 1);
    }
    return s->told.status;
}

static void finish(struct said *s)
{
    service_wait(loop, &s->told);
    buffer_add_char(&s->out, '\0');
    buffer_add_char(&s->err, '\0');
}

/* The end without its times. */
static const char *end_of(struct said *s)
{
    char *times = strstr(s->told.text.data, ",\"cpuMs\"");
    if (times)
        strcpy(times, "}");
    return s->told.text.data;
}

#define EXIT_0 "{\"exitCode\":0,\"timedOut\":false,\"truncated\":false}"

static void is(const char *json, struct str input, const char *out, const char *err,
               const char *end)
{
    struct said s = {0};
    assert_int_equal(begin(&s, json, input), ST_OK);
    finish(&s);
    assert_string_equal(s.out.data, out);
    assert_string_equal(s.err.data, err);
    assert_string_equal(end_of(&s), end);
    assert_int_equal(s.told.status, ST_OK);
    forget(&s);
}

static void refused(const char *json, struct str input, int status, const char *text)
{
    struct said s = {0};
    assert_int_equal(begin(&s, json, input), status);
    assert_string_equal(s.told.text.data, text);
    forget(&s);
}

static void test_arguments(void **state)
{
    (void)state;
    is("{\"program\":\"printf\",\"arguments\":[\"[%s]\",\"a b\",\"$HOME\",\"`x`; \\\"y\\\"\",\"\"]}",
       STR(""), "[a b][$HOME][`x`; \"y\"][]", "", EXIT_0);
    is("{\"program\":\"/bin/echo\",\"arguments\":[\"-n\",\"x\"]}", STR(""), "x", "", EXIT_0);
    is("{\"program\":\"sh\",\"arguments\":[\"-c\",\"echo o; echo e >&2; exit 7\"]}", STR(""), "o\n",
       "e\n", "{\"exitCode\":7,\"timedOut\":false,\"truncated\":false}");
    is("{\"program\":\"sh\",\"arguments\":[\"-c\",\"kill -SEGV $$\"]}", STR(""), "", "",
       "{\"signal\":\"SEGV\",\"timedOut\":false,\"truncated\":false}");
}

static void test_environment(void **state)
{
    (void)state;
    setenv("TEST_HOST", "of the host", 1);
    setenv("TEST_HIDDEN", "hidden", 1);
    is("{\"program\":\"env\"}", STR(""), "LANG=C.UTF-8\nPATH=/usr/local/bin:/usr/bin:/bin\n", "",
       EXIT_0);
    is("{\"program\":\"env\",\"environment\":{\"TEST_GIVEN\":\"g v\",\"TEST_HOST\":null,"
       "\"LANG\":\"C\"}}",
       STR(""), "LANG=C\nPATH=/usr/local/bin:/usr/bin:/bin\nTEST_GIVEN=g v\nTEST_HOST=of the host\n",
       "", EXIT_0);
    unsetenv("TEST_HOST");
    is("{\"program\":\"env\",\"environment\":{\"TEST_HOST\":null}}", STR(""),
       "LANG=C.UTF-8\nPATH=/usr/local/bin:/usr/bin:/bin\n", "", EXIT_0);
    refused("{\"program\":\"env\",\"environment\":{\"TEST_HIDDEN\":null}}", STR(""), ST_DENIED,
            "the plugin was not granted the variable TEST_HIDDEN; name it in \"grants\": {\"env\": "
            "[...]} of plugin.json");
    refused("{\"program\":\"env\",\"environment\":{\"LD_PRELOAD\":\"/x.so\"}}", STR(""), ST_DENIED,
            "the variable LD_PRELOAD decides which code a program runs; it is never set");
    refused("{\"program\":\"env\",\"environment\":{\"A=B\":\"x\"}}", STR(""), ST_INVALID,
            "\"A=B\" is no name of an environment variable");
    refused("{\"program\":\"env\",\"environment\":{\"TEST_GIVEN\":\"a\\u0000b\"}}", STR(""),
            ST_INVALID,
            "the variable TEST_GIVEN must be a text without NUL, or null for the host's value");
}

/* What the program finds around itself. */
static void test_surroundings(void **state)
{
    (void)state;
    int leaked = open("/dev/null", O_RDONLY); /* without close-on-exec, as a library may do it */
    assert_true(leaked > 2);
    is("{\"program\":\"sh\",\"arguments\":[\"-c\",\"ls -A; ls /proc/$$/fd; :\"]}",
       STR(""), "0\n1\n2\n", "", EXIT_0); /* no pipe: the shell would have an end of it for a moment */
    close(leaked);
    is("{\"program\":\"sh\",\"arguments\":[\"-c\","
       "\"grep -E '^(NoNewPrivs|SigBlk|SigIgn):' /proc/self/status; umask; ulimit -c; ulimit -n\"]}",
       STR(""),
       "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\nNoNewPrivs:\t1\n0077\n0\n1024\n", "",
       EXIT_0);
    is("{\"program\":\"sh\",\"arguments\":[\"-c\",\"test $(cut -d' ' -f6 /proc/$$/stat) = $$ && echo own\"]}",
       STR(""), "own\n", "", EXIT_0);
    is("{\"program\":\"cat\"}", STR(""), "", "", EXIT_0); /* stdin is empty */
    is("{\"program\":\"sh\",\"arguments\":[\"-c\",\"pwd | cut -d- -f1,2; "
       "mkdir -p a/b; ln -s / a/root; touch a/b/c; chmod 0 a/b\"]}",
       STR(""), "/tmp/hexmcp-process\n", "", EXIT_0);
}

static void test_refuses(void **state)
{
    char json[300];
    (void)state;
    refused("{\"program\":\"ls\"}", STR(""), ST_DENIED,
            "the plugin was not granted the program ls; name it in \"grants\": {\"programs\": "
            "[...]} of plugin.json, and in \"grants.programs\" of the configuration");
    refused("{\"program\":\"/bin/sh\"}", STR(""), ST_DENIED,
            "the plugin was not granted the program /bin/sh; name it in \"grants\": {\"programs\": "
            "[...]} of plugin.json, and in \"grants.programs\" of the configuration");
    refused("{\"program\":\"no-such-program\"}", STR(""), ST_NOT_FOUND,
            "there is no program no-such-program in /usr/local/bin:/usr/bin:/bin");
    refused("{\"program\":\"/tmp/../etc/passwd\"}", STR(""), ST_NOT_FOUND,
            "/tmp/../etc/passwd is no program");
    refused("{\"program\":\"a/b\"}", STR(""), ST_INVALID,
            "a/b is neither a name nor an absolute path of a program");
    refused("{}", STR(""), ST_INVALID, "\"program\" must be a text without NUL");
    refused("{\"program\":\"true\",\"shell\":true}", STR(""), ST_INVALID,
            "the request has the unknown member \"shell\"");
    refused("{\"program\":\"true\",\"arguments\":\"x\"}", STR(""), ST_INVALID,
            "\"arguments\" must be an array of texts");
    refused("{\"program\":\"true\",\"arguments\":[\"a\\u0000b\"]}", STR(""), ST_INVALID,
            "each of \"arguments\" must be a text without NUL");
    refused("{\"program\":\"true\",\"timeoutMs\":0}", STR(""), ST_INVALID,
            "\"timeoutMs\" must be an integer from 1 to 3600000");
    refused("{\"program\":\"true\",\"stdin\":\"file\"}", STR(""), ST_INVALID,
            "\"stdin\" must be \"none\", \"bytes\" or \"stream\"");
    refused("{\"program\":\"true\"}", STR("x"), ST_INVALID,
            "there is input, but \"stdin\" is not \"bytes\"");
    snprintf(json, sizeof(json), "{\"program\":\"true\",\"arguments\":[\"%0200d\"]}", 0);
    is(json, STR(""), "", "", EXIT_0);
}

/* Who could change the program could run what he likes as the user. */
static void test_program_that_others_can_change(void **state)
{
    char path[96], json[128], text[300];
    struct str own[1];
    const struct plugin_grants before = grants;
    (void)state;
    snprintf(path, sizeof(path), "%s/prog", folder);
    snprintf(json, sizeof(json), "{\"program\":\"%s\"}", path);
    own[0] = str_from(path);
    grants.programs = own;
    grants.program_count = 1;
    int fd = open(path, O_WRONLY | O_CREAT, 0700);
    assert_int_equal(write(fd, "#!/bin/sh\necho it runs\n", 23), 23);
    close(fd);
    is(json, STR(""), "it runs\n", "", EXIT_0);
    assert_int_equal(chmod(path, 0722), 0);
    snprintf(text, sizeof(text), "%s can be changed by other users; run: chmod go-w %s", path, path);
    refused(json, STR(""), ST_DENIED, text);
    assert_int_equal(chmod(path, 0700), 0);
    assert_int_equal(chmod(folder, 0777), 0);
    snprintf(text, sizeof(text), "%s can be changed by other users; run: chmod go-w %s", folder,
             folder);
    refused(json, STR(""), ST_DENIED, text);
    assert_int_equal(chmod(folder, 0700), 0);
    if (geteuid() == 0) {
        assert_int_equal(chown(path, 12345, (gid_t)-1), 0);
        snprintf(text, sizeof(text),
                 "%s belongs to user 12345; programs that plugins start must belong to root or to "
                 "the user who runs hexmcp",
                 path);
        refused(json, STR(""), ST_DENIED, text);
        assert_int_equal(chown(path, 0, (gid_t)-1), 0);
    }
    fd = open(path, O_WRONLY | O_TRUNC);
    assert_int_equal(write(fd, "#!/no/such/interpreter\n", 23), 23);
    close(fd);
    snprintf(text, sizeof(text), "%s cannot be started: No such file or directory", path);
    refused(json, STR(""), ST_UNAVAILABLE, text);
    unlink(path);
    grants = before;
}

/* More is in tests/plugins/tools/process_executor, by the tool that uses it. */
static void test_sandbox(void **state)
{
    const struct plugin_grants before = grants;
    char path[96], json[300], text[300];
    (void)state;
    granted[0] = (struct path_grant){.folder = str_from(folder), .real = str_from(folder), .write = true};
    snprintf(path, sizeof(path), "%s/note", folder);
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_int_equal(write(fd, "noted\n", 6), 6);
    close(fd);
    is("{\"program\":\"printf\",\"arguments\":[\"x\"],\"sandbox\":{}}", STR(""), "x", "", EXIT_0);
    snprintf(json, sizeof(json), "{\"program\":\"cat\",\"arguments\":[\"%s\"],\"sandbox\":{}}", path);
    snprintf(text, sizeof(text), "cat: %s: Permission denied\n", path);
    is(json, STR(""), "", text, "{\"exitCode\":1,\"timedOut\":false,\"truncated\":false}");
    /* The plugin may not read, whatever the call may. */
    snprintf(json, sizeof(json), "{\"program\":\"cat\",\"arguments\":[\"note\"],"
                                 "\"sandbox\":{\"paths\":\"read\",\"folder\":\"%s\"}}", folder);
    refused(json, STR(""), ST_DENIED,
            "no folder was granted; the operator grants one with --allow-read FOLDER or "
            "\"grants.read\" of the configuration");
    grants.reads_paths = true;
    is(json, STR(""), "noted\n", "", EXIT_0);
    /* Writing is asked for, granted to the call, and not to the plugin. */
    snprintf(json, sizeof(json), "{\"program\":\"sh\",\"arguments\":[\"-c\",\"echo more >> note\"],"
                                 "\"sandbox\":{\"paths\":\"write\",\"folder\":\"%s\"}}", folder);
    is(json, STR(""), "", "sh: 1: cannot create note: Permission denied\n",
       "{\"exitCode\":2,\"timedOut\":false,\"truncated\":false}");
    grants.writes_paths = true;
    is(json, STR(""), "", "", EXIT_0);
    snprintf(json, sizeof(json), "{\"program\":\"sh\",\"arguments\":[\"-c\",\"cat note\"],"
                                 "\"sandbox\":{\"paths\":\"read\",\"folder\":\"%s\"}}", folder);
    is(json, STR(""), "", "sh: 1: Cannot fork\n",
       "{\"exitCode\":2,\"timedOut\":false,\"truncated\":false}");
    refused("{\"program\":\"true\",\"sandbox\":{\"network\":true}}", STR(""), ST_INVALID,
            "\"sandbox\" has the unknown member \"network\"");
    refused("{\"program\":\"true\",\"sandbox\":true}", STR(""), ST_INVALID,
            "\"sandbox\" must be an object");
    refused("{\"program\":\"true\",\"sandbox\":{\"paths\":\"all\"}}", STR(""), ST_INVALID,
            "\"sandbox.paths\" must be \"none\", \"read\" or \"write\"");
    refused("{\"program\":\"true\",\"sandbox\":{\"folder\":\"/\"}}", STR(""), ST_INVALID,
            "\"sandbox.folder\" needs \"sandbox.paths\" of \"read\" or \"write\"");
    unlink(path);
    grants = before;
}

/* A script is given to its interpreter as the kernel does it. */
/* What would be started is told, what cannot be is refused, and nothing is started or left. */
static void test_check(void **state)
{
    struct said s = {0};
    char json[300], want[600], path[100];
    (void)state;
    snprintf(path, sizeof(path), "%s/made-by-a-check", folder);
    snprintf(json, sizeof(json), "{\"program\":\"sh\",\"arguments\":[\"-c\",\"touch %s\"],\"check\":true}", path);
    assert_int_equal(begin(&s, json, STR("")), ST_OK);
    finish(&s);
    char *real = realpath("/bin/sh", NULL);
    snprintf(want, sizeof(want),
             "{\"path\":\"%s\",\"sandbox\":false,\"environment\":[\"LANG\",\"PATH\"],\"timeoutMs\":60000,"
             "\"maxOutputBytes\":16777216,\"memoryBytes\":2147483648,\"cpuSeconds\":600}", real);
    assert_string_equal(s.told.text.data, want);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(processes_running(all), 0);
    forget(&s);
    snprintf(json, sizeof(json), "{\"program\":\"sh\",\"check\":true,\"sandbox\":{\"paths\":\"read\"}}");
    assert_int_equal(begin(&s, json, STR("")), ST_OK);
    finish(&s);
    snprintf(want, sizeof(want), "{\"path\":\"%s\",\"sandbox\":true,\"folders\":[", real);
    assert_memory_equal(s.told.text.data, want, strlen(want));
    forget(&s);
    free(real);
    /* Given up before it is answered. */
    assert_int_equal(begin(&s, "{\"program\":\"sh\",\"check\":true}", STR("")), ST_OK);
    port->close(port->ctx, s.told.id);
    forget(&s);
    refused("{\"program\":\"perl\",\"check\":true}", STR(""), ST_DENIED,
            "the plugin was not granted the program perl; name it in \"grants\": {\"programs\": [...]} of "
            "plugin.json, and in \"grants.programs\" of the configuration");
    refused("{\"program\":\"sh\",\"check\":1}", STR(""), ST_INVALID, "\"check\" must be true or false");
}

static void test_sandboxed_script(void **state)
{
    static const struct {
        const char *script, *out;
    } cases[] = {
        {"#!/bin/sh\necho \"$0 $1\"\n", "a b"},
        {"#! /bin/sh -e \nfalse\necho not reached\n", NULL},
    };
    char path[96], json[160], text[200];
    struct str own[1];
    const struct plugin_grants before = grants;
    (void)state;
    snprintf(path, sizeof(path), "%s/script", folder);
    snprintf(json, sizeof(json), "{\"program\":\"%s\",\"arguments\":[\"a b\"],\"sandbox\":{}}", path);
    own[0] = str_from(path);
    grants.programs = own;
    grants.program_count = 1;
    for (size_t i = 0; i < 2; i++) {
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0700);
        size_t len = strlen(cases[i].script);
        assert_int_equal(write(fd, cases[i].script, len), len);
        close(fd);
        snprintf(text, sizeof(text), "%s %s\n", path, cases[i].out ? cases[i].out : "");
        is(json, STR(""), cases[i].out ? text : "", "",
           cases[i].out ? EXIT_0 : "{\"exitCode\":1,\"timedOut\":false,\"truncated\":false}");
    }
    int fd = open(path, O_WRONLY | O_TRUNC);
    assert_int_equal(write(fd, "#!sh\n", 5), 5);
    close(fd);
    snprintf(text, sizeof(text), "%s names no interpreter in its first line", path);
    refused(json, STR(""), ST_UNAVAILABLE, text);
    unlink(path);
    grants = before;
}

static void test_input(void **state)
{
    enum { BIG = 3000000 };
    struct said s = {0};
    (void)state;
    is("{\"program\":\"cat\",\"stdin\":\"bytes\"}", STR("a\nb"), "a\nb", "", EXIT_0);
    is("{\"program\":\"true\",\"stdin\":\"bytes\"}", STR("nobody reads this"), "", "", EXIT_0);
    char *big = malloc(BIG);
    memset(big, 'x', BIG);
    assert_int_equal(begin(&s, "{\"program\":\"cat\",\"stdin\":\"bytes\"}", (struct str){big, BIG}),
                     ST_OK);
    finish(&s);
    assert_int_equal(s.out.len, BIG + 1);
    forget(&s);
    free(big);
}

static void test_streamed_input(void **state)
{
    enum { PIECES = 40, PIECE = 100000 };
    struct said s = {0};
    size_t sent = 0;
    (void)state;
    char *piece = malloc(PIECE);
    memset(piece, 'y', PIECE);
    assert_int_equal(begin(&s, "{\"program\":\"cat\",\"stdin\":\"stream\"}", STR("")), ST_OK);
    for (int i = 0; i < PIECES; i++) {
        while (sent - s.room + PIECE > PROCESS_WRITE_AHEAD)
            loop_turn(loop);
        port->tell(port->ctx, s.told.id, PROCESS_WRITE, STR(""), (struct str){piece, PIECE});
        sent += PIECE;
    }
    port->tell(port->ctx, s.told.id, PROCESS_FINISH, STR(""), STR(""));
    finish(&s);
    assert_string_equal(end_of(&s), EXIT_0);
    assert_int_equal(s.out.len, PIECES * PIECE + 1);
    assert_int_equal(s.room, PIECES * PIECE);
    forget(&s);
    /* Too far ahead of a program that does not read. */
    assert_int_equal(begin(&s, "{\"program\":\"sleep\",\"arguments\":[\"60\"],"
                               "\"stdin\":\"stream\"}", STR("")), ST_OK);
    for (int i = 0; i < 13 && !s.told.last; i++)
        port->tell(port->ctx, s.told.id, PROCESS_WRITE, STR(""), (struct str){piece, PIECE});
    assert_true(s.told.last);
    assert_int_equal(s.told.status, ST_TOO_LARGE);
    assert_string_equal(s.told.text.data,
                        "{\"message\":\"more than 1 MiB of input was written ahead of what the "
                        "program takes; wait for room()\"}");
    forget(&s);
    free(piece);
}

/* A program waits for a plugin that does not take its output. */
static void test_back_pressure(void **state)
{
    struct said s = {.hold = true};
    (void)state;
    assert_int_equal(begin(&s, "{\"program\":\"sh\",\"arguments\":[\"-c\","
                               "\"head -c 2000000 /dev/zero; echo done >&2\"]}", STR("")), ST_OK);
    while (s.held < PROCESS_AHEAD)
        loop_turn(loop);
    for (int i = 0; i < 20; i++)
        uv_run(loop_uv(loop), UV_RUN_NOWAIT);
    assert_int_equal(s.out.len, PROCESS_AHEAD);
    assert_int_equal(s.err.len, 0);
    port->tell(port->ctx, s.told.id, PROCESS_RESUME, STR(""), STR(""));
    assert_int_equal(s.resumed, 1);
    s.hold = false;
    say_taken(&s, s.held);
    s.held = 0;
    finish(&s);
    assert_int_equal(s.out.len, 2000001);
    assert_string_equal(s.err.data, "done\n");
    assert_string_equal(end_of(&s), EXIT_0);
    forget(&s);
}

static void test_much_output(void **state)
{
    struct said s = {0};
    (void)state;
    assert_int_equal(begin(&s, "{\"program\":\"sh\",\"arguments\":[\"-c\","
                               "\"head -c 500000 /dev/zero\"],\"maxOutputBytes\":100}", STR("")),
                     ST_OK);
    finish(&s);
    assert_int_equal(s.out.len, 101);
    assert_string_equal(end_of(&s), "{\"exitCode\":0,\"timedOut\":false,\"truncated\":true}");
    forget(&s);
}

static void test_time(void **state)
{
    (void)state;
    is("{\"program\":\"sleep\",\"arguments\":[\"60\"],\"timeoutMs\":50}", STR(""), "", "",
       "{\"signal\":\"TERM\",\"timedOut\":true,\"truncated\":false}");
    is("{\"program\":\"sh\",\"arguments\":[\"-c\",\"trap '' TERM; echo on; sleep 60; sleep 60\"],"
       "\"timeoutMs\":100}",
       STR(""), "on\n", "", "{\"signal\":\"KILL\",\"timedOut\":true,\"truncated\":false}");
}

static void test_signals(void **state)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGKILL};
    static const char *const names[] = {"INT", "TERM", "KILL"};
    char expected[80], text[8];
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct said s = {0};
        assert_int_equal(begin(&s, "{\"program\":\"sleep\",\"arguments\":[\"60\"]}", STR("")),
                         ST_OK);
        port->tell(port->ctx, s.told.id, PROCESS_SIGNAL, STR("19"), STR("")); /* none of them */
        snprintf(text, sizeof(text), "%d", numbers[i]);
        port->tell(port->ctx, s.told.id, PROCESS_SIGNAL, str_from(text), STR(""));
        finish(&s);
        snprintf(expected, sizeof(expected),
                 "{\"signal\":\"%s\",\"timedOut\":false,\"truncated\":false}", names[i]);
        assert_string_equal(end_of(&s), expected);
        forget(&s);
    }
}

/* True while the process is there and is no zombie. */
static bool lives(pid_t pid)
{
    char path[64], state = 'Z', line[256] = "";
    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    if (fgets(line, sizeof(line), file) && strrchr(line, ')'))
        state = strrchr(line, ')')[2];
    fclose(file);
    return state != 'Z';
}

static void wait_until_gone(pid_t pid)
{
    while (lives(pid))
        usleep(1000);
}

/* What the program has started ends with it. */
static void test_group(void **state)
{
    struct said s = {0};
    (void)state;
    assert_int_equal(begin(&s, "{\"program\":\"sh\",\"arguments\":[\"-c\","
                               "\"sleep 600 & echo $!\"]}", STR("")), ST_OK);
    finish(&s);
    assert_string_equal(end_of(&s), EXIT_0);
    wait_until_gone((pid_t)atoi(s.out.data));
    forget(&s);
    /* And one that has made itself a session cannot hold up the end. */
    assert_int_equal(begin(&s, "{\"program\":\"sh\",\"arguments\":[\"-c\","
                               "\"setsid sh -c 'echo $$; exec sleep 600' & sleep 0.3\"]}", STR("")),
                     ST_OK);
    finish(&s);
    kill((pid_t)atoi(s.out.data), SIGKILL);
    forget(&s);
}

static void test_cancel(void **state)
{
    struct said s = {0};
    (void)state;
    assert_int_equal(begin(&s, "{\"program\":\"sh\",\"arguments\":[\"-c\","
                               "\"echo $$; sleep 600\"]}", STR("")), ST_OK);
    while (!s.out.len)
        loop_turn(loop);
    pid_t pid = (pid_t)atoi(s.out.data);
    assert_int_equal(processes_running(all), 1);
    unsigned events = s.told.events;
    port->close(port->ctx, s.told.id);
    port->close(port->ctx, s.told.id);
    while (processes_running(all))
        loop_turn(loop);
    assert_false(lives(pid));
    assert_int_equal(s.told.events, events);
    forget(&s);
}

static void test_at_once(void **state)
{
    struct said s[4] = {0};
    (void)state;
    grants.processes = 3;
    for (int i = 0; i < 3; i++)
        assert_int_equal(begin(&s[i], "{\"program\":\"sleep\",\"arguments\":[\"600\"]}", STR("")),
                         ST_OK);
    assert_int_equal(begin(&s[3], "{\"program\":\"true\"}", STR("")), ST_BUSY);
    assert_string_equal(s[3].told.text.data,
                        "3 programs of the plugin run; no more are allowed at once");
    for (int i = 0; i < 3; i++)
        port->close(port->ctx, s[i].told.id);
    while (processes_running(all))
        loop_turn(loop);
    for (int i = 0; i < 4; i++)
        forget(&s[i]);
    grants.processes = 0;
    is("{\"program\":\"true\"}", STR(""), "", "", EXIT_0);
}

static void test_limits(void **state)
{
    (void)state;
    grants.memory_bytes = (uint64_t)64 << 20;
    is("{\"program\":\"sh\",\"arguments\":[\"-c\",\"ulimit -d\"]}", STR(""), "65536\n", "", EXIT_0);
    grants.memory_bytes = 0;
    grants.cpu_seconds = 1;
    is("{\"program\":\"sh\",\"arguments\":[\"-c\",\"while :; do :; done\"]}", STR(""), "", "",
       "{\"signal\":\"XCPU\",\"timedOut\":false,\"truncated\":false}");
    grants.cpu_seconds = 0;
}

/* A deadline of the call counts where it is shorter. */
static void test_deadline(void **state)
{
    struct said s = {0};
    const struct clock_port *clock = system_clock_port();
    const struct service_request q = {
        .op = PROCESS_RUN,
        .plugin = STR("a.plugin"),
        .grants = &grants,
        .deadline_ns = clock->monotonic_ns(clock->ctx) + 50000000,
        .text = STR("{\"program\":\"sleep\",\"arguments\":[\"600\"]}")};
    const struct service_sink sink = {&s, hear};
    (void)state;
    assert_int_equal(port->open(port->ctx, &q, &sink, &s.told.id, NULL), ST_OK);
    finish(&s);
    assert_string_equal(end_of(&s), "{\"signal\":\"TERM\",\"timedOut\":true,\"truncated\":false}");
    forget(&s);
}

static struct processes *processes_of_its_own(const char *temporary)
{
    struct processes *own = NULL;
    const struct processes_config config = {.loop = loop_uv(loop),
                                            .timers = loop_timers(loop),
                                            .clock = system_clock_port(),
                                            .executor = loop_own_executor(loop),
                                            .files = files_port(),
                                            .temporary = temporary};
    assert_int_equal(processes_new(&config, &own, NULL), ST_OK);
    return own;
}

static void test_ends_with_the_host(void **state)
{
    struct said s = {0};
    struct processes *own = processes_of_its_own(folder);
    (void)state;
    port = processes_port(own);
    assert_int_equal(begin(&s, "{\"program\":\"sh\",\"arguments\":[\"-c\","
                               "\"trap '' TERM; echo $$; sleep 600\"]}", STR("")), ST_OK);
    while (!s.out.len)
        loop_turn(loop);
    pid_t pid = (pid_t)atoi(s.out.data);
    processes_free(own);
    port = processes_port(all);
    assert_false(lives(pid));
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
    forget(&s);
}

/* Killed without a word, the host takes the program with it. */
static void test_host_is_killed(void **state)
{
    int ends[2];
    char text[16] = "";
    (void)state;
    assert_int_equal(pipe(ends), 0);
    fflush(stdout);
    pid_t host = fork();
    if (host == 0) {
        struct said s = {0};
        loop_new(1, &loop, NULL);
        const struct processes_config config = {.loop = loop_uv(loop),
                                                .timers = loop_timers(loop),
                                                .clock = system_clock_port(),
                                                .executor = loop_own_executor(loop),
                                                .files = files_port(),
                                                .temporary = folder};
        processes_new(&config, &all, NULL);
        port = processes_port(all);
        begin(&s, "{\"program\":\"sh\",\"arguments\":[\"-c\",\"echo $$; exec sleep 600\"]}",
              STR(""));
        while (!s.out.len)
            loop_turn(loop);
        if (write(ends[1], s.out.data, s.out.len) > 0)
            pause();
        _exit(1);
    }
    close(ends[1]);
    assert_true(read(ends[0], text, sizeof(text) - 1) > 0);
    close(ends[0]);
    pid_t pid = (pid_t)atoi(text);
    assert_true(lives(pid));
    kill(host, SIGKILL);
    assert_int_equal(waitpid(host, NULL, 0), host);
    wait_until_gone(pid);
}

static size_t entries(const char *path)
{
    size_t count = 0;
    DIR *dir = opendir(path);
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

/* Nothing is left: no descriptor, child, folder. */
static void test_nothing_is_left(void **state)
{
    (void)state;
    size_t before = entries("/proc/self/fd");
    for (int i = 0; i < 200; i++) {
        struct said s = {0};
        assert_int_equal(begin(&s, i % 2 ? "{\"program\":\"true\"}"
                                         : "{\"program\":\"cat\",\"stdin\":\"bytes\"}",
                               i % 2 ? STR("") : STR("x")),
                         ST_OK);
        finish(&s);
        assert_string_equal(end_of(&s), EXIT_0);
        forget(&s);
    }
    while (entries(folder) > 2)
        loop_turn(loop);
    uv_run(loop_uv(loop), UV_RUN_NOWAIT);
    assert_int_equal(entries("/proc/self/fd"), before);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static int set_up(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/hexmcp-process-XXXXXX");
    assert_non_null(mkdtemp(folder));
    assert_int_equal(loop_new(2, &loop, NULL), ST_OK);
    const struct processes_config config = {.loop = loop_uv(loop),
                                            .timers = loop_timers(loop),
                                            .clock = system_clock_port(),
                                            .executor = loop_own_executor(loop),
                                            .files = files_port(),
                                            .temporary = folder};
    assert_int_equal(processes_new(&config, &all, NULL), ST_OK);
    port = processes_port(all);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    loop_end_workers(loop);
    processes_free(all);
    loop_free(loop);
    if (rmdir(folder) == 0)
        return 0;
    /* The host that was killed could not remove what it had made. */
    DIR *dir = opendir(folder);
    for (struct dirent *e; (e = readdir(dir));)
        if (e->d_name[0] != '.')
            unlinkat(dirfd(dir), e->d_name, AT_REMOVEDIR);
    closedir(dir);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arguments),
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_surroundings),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_program_that_others_can_change),
        cmocka_unit_test(test_sandbox),
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_sandboxed_script),
        cmocka_unit_test(test_input),
        cmocka_unit_test(test_streamed_input),
        cmocka_unit_test(test_back_pressure),
        cmocka_unit_test(test_much_output),
        cmocka_unit_test(test_time),
        cmocka_unit_test(test_signals),
        cmocka_unit_test(test_group),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_at_once),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_deadline),
        cmocka_unit_test(test_ends_with_the_host),
        cmocka_unit_test(test_nothing_is_left),
        cmocka_unit_test(test_host_is_killed),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
