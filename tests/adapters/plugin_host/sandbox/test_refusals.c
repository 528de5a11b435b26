/* How a refusal looks to a plugin that works against it, and what limits do. */
#include "tests/adapters/plugin_host/sandbox/stage.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static int ignores_refusals(const struct stage *stage)
{
    (void)stage;
    signal(SIGSYS, SIG_IGN);
    return TRY(socket(AF_INET, SOCK_STREAM, 0));
}

static int restores_the_default(const struct stage *stage)
{
    (void)stage;
    signal(SIGSYS, SIG_DFL);
    return TRY(socket(AF_INET, SOCK_STREAM, 0));
}

static int blocks_refusals(const struct stage *stage)
{
    uint64_t all = ~UINT64_C(0);
    (void)stage;
    syscall(SYS_rt_sigprocmask, SIG_BLOCK, &all, NULL, sizeof(all));
    return TRY(socket(AF_INET, SOCK_STREAM, 0));
}

static void do_nothing(int number)
{
    (void)number;
}

/* With a handler of its own it gets some number, and no socket behind it. */
static int handles_refusals_itself(const struct stage *stage)
{
    int type;
    socklen_t size = sizeof(type);
    (void)stage;
    signal(SIGSYS, do_nothing);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    return TRY(getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size));
}

static void dies(void **state, stage_act act)
{
    struct stage *stage = *state;
    struct outcome outcome = stage_run(stage, act);
    assert_false(outcome.finished);
    assert_int_equal(outcome.signal, SIGSYS);
    stage->outside = true;
    assert_int_equal(stage_run(stage, act).result, 0);
}

static void who_ignores_refusals_dies(void **state)
{
    dies(state, ignores_refusals);
}

static void who_restores_the_default_dies(void **state)
{
    dies(state, restores_the_default);
}

static void who_blocks_refusals_dies(void **state)
{
    dies(state, blocks_refusals);
}

static void who_handles_refusals_gains_nothing(void **state)
{
    struct stage *stage = *state;
    struct outcome outcome = stage_run(stage, handles_refusals_itself);
    assert_true(outcome.finished);
    assert_int_equal(outcome.result, EBADF);
    stage->outside = true;
    assert_int_equal(stage_run(stage, handles_refusals_itself).result, 0);
}

#if defined(__x86_64__)
/* getpid() of the 32-bit interface. */
static int calls_in_32_bits(const struct stage *stage)
{
    long result = 20;
    (void)stage;
    __asm__ volatile("int $0x80" : "+a"(result) : : "memory", "r8", "r9", "r10", "r11");
    return 0;
}

static int calls_by_x32(const struct stage *stage)
{
    (void)stage;
    syscall(0x40000000 | SYS_getpid);
    return 0;
}

static void calls_in_32_bits_are_killed(void **state)
{
    struct stage *stage = *state;
    stage->outside = true;
    struct outcome control = stage_run(stage, calls_in_32_bits);
    if (control.signal)
        LEAVE_OUT("this kernel has no 32-bit calls");
    stage->outside = false;
    assert_int_equal(stage_run(stage, calls_in_32_bits).signal, SIGSYS);
}

static void calls_by_x32_are_killed(void **state)
{
    struct stage *stage = *state;
    assert_int_equal(stage_run(stage, calls_by_x32).signal, SIGSYS);
    stage->outside = true;
    assert_int_equal(stage_run(stage, calls_by_x32).signal, 0);
}
#endif

static int tries_often(const struct stage *stage)
{
    (void)stage;
    for (int i = 0; i < 20000; i++)
        if (socket(AF_UNIX, SOCK_STREAM, 0) >= 0)
            return 0;
    return errno;
}

/* Nobody reads the records before the end: those that do not fit are lost, and nothing waits. */
static void records_are_lost_rather_than_waited_for(void **state)
{
    struct outcome outcome = stage_run(*state, tries_often);
    assert_true(outcome.finished);
    assert_int_equal(outcome.result, EPERM);
    assert_in_range(outcome.denied_count, 100, 19999);
    assert_string_equal(outcome.words, "tried to open a local socket");
    assert_int_equal(outcome.denied.number, SYS_socket);
    assert_int_equal(outcome.denied.arguments[0], AF_UNIX);
    assert_int_equal(outcome.denied.arguments[1], SOCK_STREAM);
}

static int kills_by_nine(const struct stage *stage)
{
    return TRY(kill(stage->victim, 9));
}

static void a_record_holds_the_arguments(void **state)
{
    struct stage *stage = *state;
    struct outcome outcome = stage_run(stage, kills_by_nine);
    assert_int_equal(outcome.denied_count, 1);
    assert_int_equal(outcome.denied.number, SYS_kill);
    assert_int_equal(outcome.denied.arguments[0], stage->victim);
    assert_int_equal(outcome.denied.arguments[1], 9);
}

static void forged_records_are_no_words(void **state)
{
    const char *unreadable = "sent a record of a refused call that cannot be read";
    struct sandbox_denied forged = {0, SYS_execve, {0}};
    char text[128];
    (void)state;
    sandbox_denied_text(&forged, text, sizeof(text));
    assert_string_equal(text, unreadable);
    forged = (struct sandbox_denied){SANDBOX_DENIED_MAGIC, SYS_read, {0}};
    sandbox_denied_text(&forged, text, sizeof(text));
    assert_string_equal(text, unreadable);
    forged.number = SYS_execve;
    sandbox_denied_text(&forged, text, sizeof(text));
    assert_string_equal(text, "tried to start a program");
    sandbox_denied_text(&forged, text, 6);
    assert_string_equal(text, "tried");
}

static int writes_too_much(const struct stage *stage)
{
    int fd = open(stage_path(stage, "writable/big"), O_WRONLY | O_CREAT, 0600);
    return fd < 0 ? errno : TRY(pwrite(fd, "x", 1, 1 << 20));
}

static void files_have_a_size(void **state)
{
    struct stage *stage = *state;
    stage->file_bytes = 1 << 20;
    struct outcome outcome = stage_run(stage, writes_too_much);
    assert_int_equal(outcome.result, EFBIG);
    assert_true(outcome.finished);
    stage->file_bytes = 0;
    stage_expect(stage, writes_too_much);
}

static int asks_for_stack(const struct stage *stage)
{
    struct rlimit limit;
    MUST(getrlimit(RLIMIT_STACK, &limit) == 0);
    MUST(limit.rlim_cur == stage->stack_bytes && limit.rlim_max == stage->stack_bytes);
    MUST(getrlimit(RLIMIT_CORE, &limit) == 0);
    MUST(limit.rlim_cur == 0 && limit.rlim_max == 0);
    return 0;
}

static void the_stack_has_a_size(void **state)
{
    struct stage *stage = *state;
    stage->stack_bytes = 1 << 20;
    stage_expect(stage, asks_for_stack);
}

static int opens_many(const struct stage *stage)
{
    for (int i = 0; i < 64; i++)
        if (dup(stage->pair[0]) < 0)
            return errno;
    return 0;
}

static void descriptors_have_a_number(void **state)
{
    struct stage *stage = *state;
    stage->descriptors = 64;
    assert_int_equal(stage_run(stage, opens_many).result, EMFILE);
    stage->descriptors = 0;
    stage_expect(stage, opens_many);
}

static int finds_null(const struct stage *stage)
{
    struct stat null, st;
    (void)stage;
    MUST(stat("/dev/null", &null) == 0);
    for (int fd = 0; fd < 3; fd++) {
        MUST(fstat(fd, &st) == 0);
        MUST(S_ISCHR(st.st_mode) && st.st_rdev == null.st_rdev);
        MUST(fcntl(fd, F_GETFD) == 0);
    }
    return 0;
}

static void standard_descriptors_lead_nowhere(void **state)
{
    struct stage *stage = *state;
    stage->no_standard = true;
    stage_expect(stage, finds_null);
}

#define STAGED(test) cmocka_unit_test_setup_teardown(test, stage_setup, stage_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGED(who_ignores_refusals_dies),
        STAGED(who_restores_the_default_dies),
        STAGED(who_blocks_refusals_dies),
        STAGED(who_handles_refusals_gains_nothing),
#if defined(__x86_64__)
        STAGED(calls_in_32_bits_are_killed),
        STAGED(calls_by_x32_are_killed),
#endif
        STAGED(records_are_lost_rather_than_waited_for),
        STAGED(a_record_holds_the_arguments),
        cmocka_unit_test(forged_records_are_no_words),
        STAGED(files_have_a_size),
        STAGED(the_stack_has_a_size),
        STAGED(descriptors_have_a_number),
        STAGED(standard_descriptors_lead_nowhere),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
