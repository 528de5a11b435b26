/* What a helper is started with: environment, libraries, and plans that cannot be followed. */
#include "tests/adapters/plugin_host/sandbox/stage.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "core/base/str.h"

static char *const environment[] = {
    (char *)(uintptr_t)"HOME=/home/somebody", (char *)(uintptr_t)"API_TOKEN=secret",
    (char *)(uintptr_t)"API_TOKEN_2=other",   (char *)(uintptr_t)"EMPTY=",
    (char *)(uintptr_t)"LD_PRELOAD=evil.so",  NULL};

static void only_granted_variables_are_passed_on(void **state)
{
    const struct str names[] = {STR("EMPTY"), STR("API_TOKEN"), STR("NOT_SET")};
    struct error err = {0};
    char **list;
    (void)state;
    assert_int_equal(sandbox_environment(names, 3, environment, &list, &err), ST_OK);
    assert_string_equal(list[0], "API_TOKEN=secret");
    assert_string_equal(list[1], "EMPTY=");
    assert_null(list[2]);
    free(list);
    assert_int_equal(sandbox_environment(NULL, 0, environment, &list, &err), ST_OK);
    assert_null(list[0]);
    free(list);
}

static void not_granted(struct str name, int code, const char *message)
{
    struct error err = {0};
    char **list = NULL;
    assert_int_equal(sandbox_environment(&name, 1, environment, &list, &err), code);
    assert_string_equal(err.text, message);
    assert_null(list);
}

static void variables_that_steer_the_loader_are_refused(void **state)
{
    (void)state;
    not_granted(STR("LD_PRELOAD"), ST_DENIED,
                "The environment variable LD_PRELOAD cannot be granted: it steers the program "
                "before the sandbox is closed.");
    not_granted(STR("GLIBC_TUNABLES"), ST_DENIED,
                "The environment variable GLIBC_TUNABLES cannot be granted: it steers the program "
                "before the sandbox is closed.");
    not_granted(STR("A=B"), ST_INVALID, "\"A=B\" is no name of an environment variable.");
    not_granted(STR(""), ST_INVALID, "\"\" is no name of an environment variable.");
}

static void not_loaded(struct str soname, int code, const char *message)
{
    struct error err = {0};
    assert_int_equal(sandbox_preload(&soname, 1, &err), code);
    assert_string_equal(err.text, message);
}

static void only_bare_names_are_loaded(void **state)
{
    (void)state;
    not_loaded(STR("/tmp/libm.so.6"), ST_DENIED,
               "The plugin needs the library \"/tmp/libm.so.6\", which is not a bare name of a "
               "library of the system. Link it with names like libm.so.6.");
    not_loaded(STR("$ORIGIN"), ST_DENIED,
               "The plugin needs the library \"$ORIGIN\", which is not a bare name of a library of "
               "the system. Link it with names like libm.so.6.");
    not_loaded(STR(""), ST_DENIED,
               "The plugin needs the library \"\", which is not a bare name of a library of the "
               "system. Link it with names like libm.so.6.");
    not_loaded(STR("libhexmcp-none.so.9"), ST_NOT_FOUND,
               "The plugin needs the library libhexmcp-none.so.9, which cannot be loaded: "
               "libhexmcp-none.so.9: cannot open shared object file: No such file or directory. "
               "Install the package that has it.");
}

static void libraries_come_from_the_system_only(void **state)
{
    const struct str soname = STR("libm.so.6");
    struct error err = {0};
    (void)state;
    assert_int_equal(sandbox_preload(&soname, 1, &err), ST_OK);
    setenv("LD_LIBRARY_PATH", "/tmp", 1);
    int rc = sandbox_preload(&soname, 1, &err);
    unsetenv("LD_LIBRARY_PATH");
    assert_int_equal(rc, ST_DENIED);
    assert_string_equal(err.text, "LD_LIBRARY_PATH is set, so libraries of a plugin could come from "
                                  "anywhere. Start the helper without it.");
}

/* sandbox_enter() in a child; what it said comes back. */
static void cannot_enter(const struct sandbox_plan *plan, int code, const char *message)
{
    struct {
        int code;
        struct error err;
    } answer = {0};
    struct sandbox_plan with_answer = *plan;
    struct sandbox_report report;
    int keep[80], results[2], status;
    assert_int_equal(pipe(results), 0);
    pid_t child = fork();
    if (child == 0) {
        memcpy(keep, plan->keep, plan->keep_count * sizeof(int));
        keep[plan->keep_count] = results[1];
        with_answer.keep = keep;
        with_answer.keep_count++;
        answer.code = sandbox_enter(&with_answer, &report, &answer.err);
        _exit(write(results[1], &answer, sizeof(answer)) == sizeof(answer) ? 0 : 1);
    }
    close(results[1]);
    assert_int_equal(read(results[0], &answer, sizeof(answer)), sizeof(answer));
    close(results[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_string_equal(answer.err.text, message);
    assert_int_equal(answer.code, code);
}

static void plans_that_cannot_be_followed(void **state)
{
    const char *nowhere = "/no/such/folder";
    const struct str unknown = STR("secrets");
    int keep[70];
    struct sandbox_plan plan = {.read = &nowhere, .read_count = 1, .keep = keep, .report_fd = -1};
    (void)state;
    cannot_enter(&plan, ST_NOT_FOUND,
                 "The sandbox cannot grant /no/such/folder: No such file or directory. Grant what "
                 "is there and can be reached.");
    plan.read_count = 0;
    plan.system = &unknown;
    plan.system_count = 1;
    cannot_enter(&plan, ST_INVALID,
                 "There is no system set \"secrets\"; there are libraries, timezones, locales, fonts, "
                 "certificates and machine.");
    plan.system_count = 0;
    plan.keep_count = 63;
    cannot_enter(&plan, ST_TOO_LARGE, "The sandbox keeps at most 63 descriptors, not 64.");
    plan.keep_count = 1;
    keep[0] = 999;
    cannot_enter(&plan, ST_INVALID, "Descriptor 999 is to be kept in the sandbox and is not open.");
}

/* Through it plain sendmsg() reaches every local socket by its path. */
static void datagram_sockets_are_not_kept(void **state)
{
    char message[160];
    int keep = socket(AF_UNIX, SOCK_DGRAM, 0);
    struct sandbox_plan plan = {.keep = &keep, .keep_count = 1, .report_fd = -1};
    (void)state;
    snprintf(message, sizeof(message),
             "Descriptor %d is a socket without a connection, through which any address could be "
             "reached. Hand over a stream socket.",
             keep);
    cannot_enter(&plan, ST_INVALID, message);
    close(keep);
}

static int reads_timezone(const struct stage *stage)
{
    (void)stage;
    return TRY(open("/usr/share/zoneinfo/UTC", O_RDONLY));
}

static int reads_certificates(const struct stage *stage)
{
    (void)stage;
    DIR *folder = opendir("/etc/ssl/certs");
    return folder ? 0 : errno;
}

static int reads_keys(const struct stage *stage)
{
    (void)stage;
    return TRY(open("/etc/ssl/private", O_RDONLY));
}

static int reads_passwd(const struct stage *stage)
{
    (void)stage;
    return TRY(open("/etc/passwd", O_RDONLY));
}

static void a_set_of_the_system_is_readable(void **state)
{
    const struct str sets[] = {STR("timezones"), STR("certificates")};
    struct stage *stage = *state;
    if (access("/usr/share/zoneinfo/UTC", R_OK) < 0 || access("/etc/ssl/certs", R_OK) < 0 ||
        access("/etc/ssl/private", F_OK) < 0)
        LEAVE_OUT("tzdata or ca-certificates are not installed");
    struct outcome none = stage_run(stage, reads_timezone);
    if (none.report.landlock_abi == 0)
        LEAVE_OUT("this kernel has no Landlock");
    assert_int_equal(none.result, EACCES);
    stage->system = sets;
    stage->system_count = 2;
    assert_int_equal(stage_run(stage, reads_timezone).result, 0);
    assert_int_equal(stage_run(stage, reads_certificates).result, 0);
    assert_int_equal(stage_run(stage, reads_keys).result, EACCES);
    assert_int_equal(stage_run(stage, reads_passwd).result, EACCES);
}

static void sets_have_names(void **state)
{
    const struct str names[] = {STR("libraries"), STR("timezones"), STR("locales"), STR("fonts"),
                                STR("certificates"), STR("machine")};
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_true(sandbox_has_system_set(names[i]));
    assert_false(sandbox_has_system_set(STR("library")));
    assert_false(sandbox_has_system_set(STR("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_granted_variables_are_passed_on),
        cmocka_unit_test(variables_that_steer_the_loader_are_refused),
        cmocka_unit_test(only_bare_names_are_loaded),
        cmocka_unit_test(libraries_come_from_the_system_only),
        cmocka_unit_test(plans_that_cannot_be_followed),
        cmocka_unit_test(datagram_sockets_are_not_kept),
        cmocka_unit_test_setup_teardown(a_set_of_the_system_is_readable, stage_setup,
                                        stage_teardown),
        cmocka_unit_test(sets_have_names),
    };
    stage_forget_loader();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
