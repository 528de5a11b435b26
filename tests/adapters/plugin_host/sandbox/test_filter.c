/* The filters for both architectures give each system call the answer of the tables. */
#include "tests/adapters/plugin_host/sandbox/stage.h"

#include <linux/audit.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/socket.h>

#include "adapters/driven/plugin_host/sandbox/filter.h"
#include "adapters/driven/plugin_host/sandbox/filter_rules.h"
#include "tests/adapters/plugin_host/sandbox/machine.h"

#define filter_code x86_64_code
#define filter_code_count x86_64_count
#define filter_own_pid x86_64_places
#define filter_own_pid_count x86_64_place_count
#define filter_word_list x86_64_words
#define filter_word_count x86_64_word_count
#include "filter_x86_64.inc"
#undef filter_code
#undef filter_code_count
#undef filter_own_pid
#undef filter_own_pid_count
#undef filter_word_list
#undef filter_word_count
#define filter_code aarch64_code
#define filter_code_count aarch64_count
#define filter_own_pid aarch64_places
#define filter_own_pid_count aarch64_place_count
#define filter_word_list aarch64_words
#define filter_word_count aarch64_word_count
#include "filter_aarch64.inc"

enum { KNOWN = FILTER_NEWEST + 1, OWN = 1234 };

#define NO_PERMISSION (SECCOMP_RET_ERRNO | EPERM)
#define NOT_THERE (SECCOMP_RET_ERRNO | ENOSYS)
#define TRAP SECCOMP_RET_TRAP
#define ALLOW SECCOMP_RET_ALLOW

struct target {
    uint32_t audit;
    uint32_t seccomp;
    struct sock_filter code[BPF_MAXINSNS];
    size_t count;
};

static struct target targets[2] = {{.audit = AUDIT_ARCH_X86_64, .seccomp = SCMP_ARCH_X86_64},
                                   {.audit = AUDIT_ARCH_AARCH64, .seccomp = SCMP_ARCH_AARCH64}};

static void put(struct target *target, const struct sock_filter *code, size_t count,
                const unsigned short *places, size_t place_count)
{
    assert_true(count <= BPF_MAXINSNS);
    memcpy(target->code, code, count * sizeof(*code));
    target->count = count;
    for (size_t i = 0; i < place_count; i++)
        target->code[places[i]].k = OWN;
}

static int put_both(void **state)
{
    (void)state;
    put(&targets[0], x86_64_code, x86_64_count, x86_64_places, x86_64_place_count);
    put(&targets[1], aarch64_code, aarch64_count, aarch64_places, aarch64_place_count);
    return 0;
}

static uint32_t ask_number(const struct target *target, int number, const uint64_t arguments[6])
{
    struct seccomp_data data = {.nr = number, .arch = target->audit};
    if (arguments)
        memcpy(data.args, arguments, sizeof(data.args));
    return machine_run(target->code, target->count, &data);
}

static bool listed(const char *name)
{
    for (size_t i = 0; filter_allowed[i]; i++)
        if (strcmp(filter_allowed[i], name) == 0)
            return true;
    return false;
}

static bool decided_by_arguments(const char *name)
{
    for (size_t i = 0; i < filter_rule_count; i++)
        if (strcmp(filter_rules[i].call, name) == 0)
            return true;
    return false;
}

static bool observed(const char *name)
{
    for (size_t i = 0; filter_observed[i].call; i++)
        if (strcmp(filter_observed[i].call, name) == 0)
            return true;
    return false;
}

static uint32_t wanted(const char *name)
{
    if (name && listed(name))
        return ALLOW;
    return name && observed(name) ? TRAP : NO_PERMISSION;
}

static void each_call_gets_the_answer_of_the_tables(void **state)
{
    (void)state;
    for (size_t t = 0; t < 2; t++)
        for (int number = 0; number < KNOWN; number++) {
            char *name = seccomp_syscall_resolve_num_arch(targets[t].seccomp, number);
            if (!name || !decided_by_arguments(name)) {
                uint32_t answer = ask_number(&targets[t], number, NULL);
                if (answer != wanted(name))
                    fail_msg("%s (%d) gets 0x%x", name ? name : "?", number, answer);
            }
            free(name);
        }
}

static void newer_calls_are_not_there(void **state)
{
    (void)state;
    for (size_t t = 0; t < 2; t++) {
        assert_int_equal(ask_number(&targets[t], KNOWN, NULL), NOT_THERE);
        assert_int_equal(ask_number(&targets[t], 0x3fffffff, NULL), NOT_THERE);
    }
}

static void other_interfaces_are_killed(void **state)
{
    struct seccomp_data data = {.nr = 0, .arch = AUDIT_ARCH_I386};
    (void)state;
    for (size_t t = 0; t < 2; t++) {
        data.arch = t == 0 ? AUDIT_ARCH_I386 : AUDIT_ARCH_ARM;
        assert_int_equal(machine_run(targets[t].code, targets[t].count, &data),
                         SECCOMP_RET_KILL_PROCESS);
        data.arch = targets[1 - t].audit;
        assert_int_equal(machine_run(targets[t].code, targets[t].count, &data),
                         SECCOMP_RET_KILL_PROCESS);
    }
    assert_int_equal(ask_number(&targets[0], 0x40000000, NULL), SECCOMP_RET_KILL_PROCESS);
    assert_int_equal(ask_number(&targets[0], 0x40000000 | 450, NULL), SECCOMP_RET_KILL_PROCESS);
}

#define THREAD (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_SYSVSEM | CLONE_THREAD)
#define HIGH (UINT64_C(1) << 32)

static const struct {
    const char *call;
    uint64_t arguments[6];
    uint32_t answer;
} cases[] = {
    {"clone", {THREAD | CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID}, ALLOW},
    {"clone", {THREAD | CLONE_NEWUSER}, NO_PERMISSION},
    {"clone", {THREAD | CLONE_UNTRACED}, NO_PERMISSION},
    {"clone", {CLONE_THREAD}, NO_PERMISSION},
    {"clone", {17}, TRAP},
    {"clone", {CLONE_VM | 17}, TRAP},
    {"clone", {CLONE_NEWUSER | 17}, TRAP},
    {"clone", {CLONE_VM | CLONE_VFORK | 17}, NO_PERMISSION},
    {"clone3", {0}, NOT_THERE},
    {"kill", {OWN, 6}, ALLOW},
    {"kill", {OWN + 1, 0}, TRAP},
    {"kill", {HIGH | OWN, 0}, TRAP},
    {"kill", {HIGH | 1, 0}, TRAP},
    {"kill", {0, 9}, TRAP},
    {"kill", {~UINT64_C(0), 9}, TRAP},
    {"kill", {FILTER_OWN_PID, 9}, TRAP},
    {"tgkill", {OWN, 99, 6}, ALLOW},
    {"tgkill", {99, OWN, 6}, TRAP},
    {"rt_sigqueueinfo", {OWN}, ALLOW},
    {"rt_tgsigqueueinfo", {1}, TRAP},
    {"prlimit64", {0}, ALLOW},
    {"prlimit64", {OWN}, ALLOW},
    {"prlimit64", {1}, NO_PERMISSION},
    {"sched_setaffinity", {0}, ALLOW},
    {"sched_setaffinity", {1}, NO_PERMISSION},
    {"setpriority", {0, 0}, ALLOW},
    {"setpriority", {0, 1}, NO_PERMISSION},
    {"setpriority", {2, 0}, NO_PERMISSION},
    {"socketpair", {AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC}, ALLOW},
    {"socketpair", {AF_UNIX, SOCK_SEQPACKET}, ALLOW},
    {"socketpair", {AF_UNIX, SOCK_DGRAM}, NO_PERMISSION},
    {"socketpair", {AF_INET, SOCK_STREAM}, NO_PERMISSION},
    {"sendto", {3, 1, 1, 0, 0, 0}, ALLOW},
    {"sendto", {3, 1, 1, 0, 4096, 16}, TRAP},
    {"sendto", {3, 1, 1, 0, HIGH, 16}, TRAP},
    {"sendmsg", {3, 4096, MSG_NOSIGNAL}, ALLOW},
    {"sendmsg", {3, 4096, MSG_NOSIGNAL | MSG_FASTOPEN}, TRAP},
    {"sendmmsg", {3, 4096, 1, MSG_FASTOPEN}, TRAP},
    {"setsockopt", {3, 6, 1}, ALLOW},
    {"setsockopt", {3, 6, 31}, NO_PERMISSION},  /* TCP_ULP          */
    {"setsockopt", {3, 1, 26}, NO_PERMISSION},  /* SO_ATTACH_FILTER */
    {"setsockopt", {3, 41, 1}, NO_PERMISSION},
    {"fcntl", {3, 1033}, ALLOW},                /* F_ADD_SEALS */
    {"fcntl", {3, 8}, NO_PERMISSION},           /* F_SETOWN    */
    {"fcntl", {3, 15}, NO_PERMISSION},          /* F_SETOWN_EX */
    {"fcntl", {3, 1026}, NO_PERMISSION},        /* F_NOTIFY    */
    {"ioctl", {0, 0x5401}, ALLOW},              /* TCGETS      */
    {"ioctl", {0, 0x5412}, NO_PERMISSION},      /* TIOCSTI     */
    {"ioctl", {0, HIGH | 0x5412}, NO_PERMISSION},
    {"ioctl", {0, 0x541c}, NO_PERMISSION},      /* TIOCLINUX   */
    {"prctl", {15}, ALLOW},                     /* PR_SET_NAME */
    {"prctl", {4, 1}, NO_PERMISSION},           /* PR_SET_DUMPABLE */
    {"prctl", {1, 0}, NO_PERMISSION},           /* PR_SET_PDEATHSIG */
    {"prctl", {22, 2}, NO_PERMISSION},          /* PR_SET_SECCOMP */
    {"prctl", {0x59616d61, 1}, NO_PERMISSION},  /* PR_SET_PTRACER */
};

static void arguments_decide(void **state)
{
    (void)state;
    for (size_t t = 0; t < 2; t++)
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
            int number = seccomp_syscall_resolve_name_arch(targets[t].seccomp, cases[i].call);
            assert_true(number >= 0);
            uint32_t answer = ask_number(&targets[t], number, cases[i].arguments);
            if (answer != cases[i].answer)
                fail_msg("%s, case %zu, architecture %zu gets 0x%x", cases[i].call, i, t, answer);
        }
}

static void every_trap_has_words(void **state)
{
    (void)state;
    assert_true(x86_64_word_count > aarch64_word_count);
    for (size_t i = 0; i < aarch64_word_count; i++)
        assert_true(aarch64_words[i].number < KNOWN && *aarch64_words[i].words);
    for (int number = 0; number < KNOWN; number++) {
        size_t words = 0;
        for (size_t i = 0; i < x86_64_word_count; i++)
            words += x86_64_words[i].number == number;
        assert_true(words <= 1);
        if (ask_number(&targets[0], number, NULL) == TRAP)
            assert_int_equal(words, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_call_gets_the_answer_of_the_tables),
        cmocka_unit_test(newer_calls_are_not_there),
        cmocka_unit_test(other_interfaces_are_killed),
        cmocka_unit_test(arguments_decide),
        cmocka_unit_test(every_trap_has_words),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, put_both, NULL);
}
