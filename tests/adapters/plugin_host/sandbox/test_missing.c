/* What happens on kernels that lack something: filters play those kernels. */
#include "tests/adapters/plugin_host/sandbox/stage.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <ucontext.h>

#define STRICT_END \
    " isolation.strict is set, so the plugin is not run. Use a kernel that has it, or set " \
    "isolation.strict to false."
#define NO_LANDLOCK \
    "The kernel has no Landlock (it came with Linux 5.13, and can be switched off): a plugin can " \
    "open every file that this user can open."
#define NO_SECCOMP \
    "The kernel has no seccomp filters: a plugin can open sockets, start programs and signal " \
    "other processes."

/* Lets `call` end with `action` if its third argument is `third`, or always if that is -1. */
static void play(int call, int third, uint32_t action)
{
    const unsigned char otherwise = third < 0 ? 0 : 1;
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)third, 0, otherwise),
        BPF_STMT(BPF_RET | BPF_K, action),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof(code) / sizeof(code[0]), code};
    assert_int_equal(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    assert_int_equal(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program), 0);
}

static void without_landlock(void)
{
    play(SYS_landlock_create_ruleset, -1, SECCOMP_RET_ERRNO | ENOSYS);
}

static void without_seccomp(void)
{
    play(SYS_seccomp, -1, SECCOMP_RET_ERRNO | EINVAL);
}

static void without_close_range(void)
{
    play(SYS_close_range, -1, SECCOMP_RET_ERRNO | ENOSYS);
}

static void answer_three(int number, siginfo_t *info, void *context)
{
    ucontext_t *registers = context;
    (void)number;
    (void)info;
#if defined(__x86_64__)
    registers->uc_mcontext.gregs[REG_RAX] = 3;
#elif defined(__aarch64__)
    registers->uc_mcontext.regs[0] = 3;
#endif
}

/* Linux 6.2: asked for its revision, Landlock says 3. */
static void with_landlock_3(void)
{
    struct sigaction action = {.sa_sigaction = answer_three, .sa_flags = SA_SIGINFO};
    sigaction(SIGSYS, &action, NULL);
    play(SYS_landlock_create_ruleset, LANDLOCK_CREATE_RULESET_VERSION, SECCOMP_RET_TRAP);
}

static void *sleep_for_ever(void *nothing)
{
    for (;;)
        pause();
    return nothing;
}

static void with_a_thread(void)
{
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, sleep_for_ever, NULL), 0);
}

static int reads_beside(const struct stage *stage)
{
    return TRY(open(stage->beside, O_RDONLY));
}

static int opens_socket(const struct stage *stage)
{
    (void)stage;
    return TRY(socket(AF_INET, SOCK_STREAM, 0));
}

static int reads_unkept(const struct stage *stage)
{
    char byte;
    return TRY(pread(stage->secret, &byte, 1, 0));
}

static int reads_kept(const struct stage *stage)
{
    return TRY(write(stage->pair[0], "x", 1));
}

/* What is missing is told, in strict mode as the reason for not going on. */
static void expect_missing(struct stage *stage, size_t count, const char *const *missing)
{
    char message[512];
    struct outcome outcome = stage_run(stage, reads_beside);
    assert_int_equal(outcome.entered, ST_OK);
    for (size_t i = 0; i < count && i < outcome.report.missing_count; i++)
        assert_string_equal(outcome.report.missing[i], missing[i]);
    assert_int_equal(outcome.report.missing_count, count);
    if (count == 0)
        return;
    stage->strict = true;
    outcome = stage_run(stage, reads_beside);
    stage->strict = false;
    assert_int_equal(outcome.entered, ST_UNSUPPORTED);
    assert_false(outcome.finished);
    snprintf(message, sizeof(message), "%s" STRICT_END, missing[0]);
    assert_string_equal(outcome.error.text, message);
}

static int landlock_here(const struct stage *stage)
{
    return stage_run(stage, reads_beside).report.landlock_abi;
}

static void nothing_is_missing_here(void **state)
{
    if (landlock_here(*state) < 6)
        LEAVE_OUT("this kernel's Landlock is of revision %d, the test takes 6",
                  landlock_here(*state));
    expect_missing(*state, 0, NULL);
}

static void landlock_is_missing(void **state)
{
    struct stage *stage = *state;
    static const char *const missing[] = {NO_LANDLOCK};
    stage->before = without_landlock;
    expect_missing(stage, 1, missing);
    assert_int_equal(stage_run(stage, reads_beside).report.landlock_abi, 0);
    assert_int_equal(stage_run(stage, reads_beside).result, 0);
    assert_int_equal(stage_run(stage, opens_socket).result, EPERM);
}

static void landlock_is_old(void **state)
{
    struct stage *stage = *state;
    static const char *const missing[] = {
        "The kernel's Landlock is of revision 3 and lacks what revision 4 (Linux 6.7) brought: only "
        "the filter of system calls keeps a plugin from TCP.",
        "The kernel's Landlock is of revision 3 and lacks what revision 5 (Linux 6.10) brought: only "
        "the filter of system calls keeps a plugin from controlling devices.",
        "The kernel's Landlock is of revision 3 and lacks what revision 6 (Linux 6.12) brought: only "
        "the filter of system calls keeps a plugin from abstract sockets and signals.",
    };
    if (landlock_here(stage) < 3)
        LEAVE_OUT("this kernel's Landlock is of revision %d, the test takes 3",
                  landlock_here(stage));
    stage->before = with_landlock_3;
    expect_missing(stage, 3, missing);
    assert_int_equal(stage_run(stage, reads_beside).report.landlock_abi, 3);
    assert_int_equal(stage_run(stage, reads_beside).result, EACCES);
    assert_int_equal(stage_run(stage, opens_socket).result, EPERM);
}

static void seccomp_is_missing(void **state)
{
    struct stage *stage = *state;
    static const char *const missing[] = {NO_SECCOMP};
    if (landlock_here(stage) < 6)
        LEAVE_OUT("this kernel's Landlock lacks something too");
    stage->before = without_seccomp;
    expect_missing(stage, 1, missing);
    assert_int_equal(stage_run(stage, opens_socket).result, 0);
}

static void ranges_cannot_be_closed(void **state)
{
    struct stage *stage = *state;
    stage->before = without_close_range;
    stage_expect(stage, reads_kept);
    assert_int_equal(stage_run(stage, reads_unkept).result, EBADF);
}

static void a_library_started_a_thread(void **state)
{
    struct stage *stage = *state;
    if (landlock_here(stage) < 6)
        LEAVE_OUT("this kernel's Landlock lacks something too");
    stage->before = with_a_thread;
    struct outcome outcome = stage_run(stage, reads_beside);
    assert_int_equal(outcome.entered, ST_OK);
    assert_int_equal(outcome.report.missing_count, 1);
    assert_string_equal(outcome.report.missing[0],
                        "A library that the plugin needs started threads (there are 2): they can "
                        "open every file that this user can open.");
    stage->strict = true;
    outcome = stage_run(stage, reads_beside);
    assert_int_equal(outcome.entered, ST_UNSUPPORTED);
    assert_string_equal(outcome.error.text,
                        "The process has 2 threads before it enters the sandbox, so a library that "
                        "the plugin needs started one: it would be outside of the sandbox. Set "
                        "isolation.strict to false to run the plugin all the same.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_is_missing_here, stage_setup, stage_teardown),
        cmocka_unit_test_setup_teardown(landlock_is_missing, stage_setup, stage_teardown),
        cmocka_unit_test_setup_teardown(landlock_is_old, stage_setup, stage_teardown),
        cmocka_unit_test_setup_teardown(seccomp_is_missing, stage_setup, stage_teardown),
        cmocka_unit_test_setup_teardown(ranges_cannot_be_closed, stage_setup, stage_teardown),
        cmocka_unit_test_setup_teardown(a_library_started_a_thread, stage_setup, stage_teardown),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
