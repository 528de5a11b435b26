/*
 * Run while hexmcp is built: turns the tables of filter_rules.c into a seccomp filter for one
 * architecture, by libseccomp, and writes it as C. So a helper neither links libseccomp nor spends the
 * milliseconds that building the filter takes.
 *
 * usage: sandbox-filter ARCHITECTURE OUTPUT        (x86_64 or aarch64)
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapters/driven/plugin_host/sandbox/filter_rules.h"

enum { FILTER_MAX = 4096, PREFIX = 6, X32_FIRST = 0x40000000 };

static void give_up(const char *what, const char *on, int error)
{
    fprintf(stderr, "sandbox-filter: %s %s: %s\n", what, on, strerror(error));
    exit(1);
}

static void need(int result, const char *what, const char *on)
{
    if (result < 0)
        give_up(what, on, -result);
}

/* The number here, or a negative one for calls that only other architectures have. */
static int number_of(const char *call)
{
    int number = seccomp_syscall_resolve_name(call);
    if (number == __NR_SCMP_ERROR)
        give_up("libseccomp does not know the call", call, EINVAL);
    return number;
}

static uint32_t action_of(enum filter_verdict verdict)
{
    switch (verdict) {
    case FILTER_ALLOW:
        return SCMP_ACT_ALLOW;
    case FILTER_OBSERVE:
        return SCMP_ACT_TRAP;
    case FILTER_NOT_THERE:
        return SCMP_ACT_ERRNO(ENOSYS);
    }
    return SCMP_ACT_KILL_PROCESS;
}

static struct scmp_arg_cmp comparison(const struct filter_condition *condition)
{
    if (condition->mask)
        return SCMP_CMP64(condition->argument, SCMP_CMP_MASKED_EQ, condition->mask, condition->value);
    return SCMP_CMP64(condition->argument, condition->differs ? SCMP_CMP_NE : SCMP_CMP_EQ,
                      condition->value, 0);
}

static void add_rule(scmp_filter_ctx filter, const struct filter_rule *rule)
{
    struct scmp_arg_cmp conditions[2];
    for (size_t i = 0; i < rule->condition_count; i++)
        conditions[i] = comparison(&rule->conditions[i]);
    need(seccomp_rule_add_array(filter, action_of(rule->verdict), number_of(rule->call),
                                (unsigned)rule->condition_count, conditions),
         "no rule for", rule->call);
}

static int has_rules(const char *call)
{
    for (size_t i = 0; i < filter_rule_count; i++)
        if (strcmp(filter_rules[i].call, call) == 0)
            return 1;
    return 0;
}

static scmp_filter_ctx build(uint32_t arch)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (!filter)
        give_up("no memory for", "a filter", ENOMEM);
    if (arch != seccomp_arch_native()) {
        need(seccomp_arch_remove(filter, seccomp_arch_native()), "cannot remove", "this machine");
        need(seccomp_arch_add(filter, arch), "cannot add", "the architecture");
    }
    need(seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS), "cannot set",
         "what other architectures get");
    need(seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2), "cannot make", "a binary tree");
    for (size_t i = 0; filter_allowed[i]; i++)
        need(seccomp_rule_add(filter, SCMP_ACT_ALLOW, number_of(filter_allowed[i]), 0),
             "no rule for", filter_allowed[i]);
    for (size_t i = 0; i < filter_rule_count; i++)
        add_rule(filter, &filter_rules[i]);
    for (size_t i = 0; filter_observed[i].call; i++)
        if (!has_rules(filter_observed[i].call))
            need(seccomp_rule_add(filter, SCMP_ACT_TRAP, number_of(filter_observed[i].call), 0),
                 "no rule for", filter_observed[i].call);
    return filter;
}

static size_t exported(scmp_filter_ctx filter, struct sock_filter *code)
{
    FILE *file = tmpfile();
    if (!file)
        give_up("cannot make", "a temporary file", errno);
    need(seccomp_export_bpf(filter, fileno(file)), "cannot export", "the filter");
    rewind(file);
    size_t count = fread(code, sizeof(*code), FILTER_MAX, file);
    if (count == 0 || count == FILTER_MAX)
        give_up("cannot read", "the exported filter", EIO);
    fclose(file);
    return count;
}

/* Before libseccomp's part, which has one answer for all that it was not told of: a number above
 * FILTER_NEWEST gets ENOSYS. */
static void unknown_first(uint32_t arch, struct sock_filter code[PREFIX])
{
    const struct sock_filter prefix[PREFIX] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, arch, 0, 4),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, FILTER_NEWEST, 0, 2),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_FIRST, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
    };
    memcpy(code, prefix, sizeof(prefix));
}

static void write_code(FILE *out, const struct sock_filter *code, size_t count)
{
    fprintf(out, "const struct sock_filter filter_code[] = {\n");
    for (size_t i = 0; i < count; i++)
        fprintf(out, "    {0x%02x, %u, %u, 0x%08xu},\n", code[i].code, code[i].jt, code[i].jf,
                code[i].k);
    fprintf(out, "};\nconst size_t filter_code_count = %zu;\n\n", count);
}

static void write_places(FILE *out, const struct sock_filter *code, size_t count)
{
    size_t places = 0;
    fprintf(out, "const unsigned short filter_own_pid[] = {");
    for (size_t i = 0; i < count; i++)
        if (code[i].k == FILTER_OWN_PID)
            fprintf(out, "%s%zu", places++ ? ", " : "", i);
    fprintf(out, "};\nconst size_t filter_own_pid_count = %zu;\n\n", places);
    if (places == 0)
        give_up("nothing compares with", "the process's own id", EINVAL);
}

static void write_words(FILE *out, uint32_t arch)
{
    size_t count = 0;
    fprintf(out, "const struct filter_word filter_word_list[] = {\n");
    for (size_t i = 0; filter_observed[i].call; i++) {
        int number = seccomp_syscall_resolve_name_arch(arch, filter_observed[i].call);
        if (number >= 0 && ++count)
            fprintf(out, "    {%d, \"%s\"},\n", number, filter_observed[i].words);
    }
    fprintf(out, "};\nconst size_t filter_word_count = %zu;\n", count);
}

int main(int argc, char **argv)
{
    static struct sock_filter code[PREFIX + FILTER_MAX];
    uint32_t arch = argc == 3 ? seccomp_arch_resolve_name(argv[1]) : 0;
    if (!arch) {
        fprintf(stderr, "usage: sandbox-filter ARCHITECTURE OUTPUT\n");
        return 2;
    }
    FILE *out = fopen(argv[2], "w");
    if (!out)
        give_up("cannot write", argv[2], errno);
    scmp_filter_ctx filter = build(arch);
    unknown_first(arch, code);
    size_t count = PREFIX + exported(filter, code + PREFIX);
    seccomp_release(filter);
    fprintf(out, "/* Made by sandbox-filter for %s. */\n"
                 "#include \"adapters/driven/plugin_host/sandbox/filter.h\"\n\n", argv[1]);
    write_code(out, code, count);
    write_places(out, code, count);
    write_words(out, arch);
    if (fclose(out) != 0)
        give_up("cannot write", argv[2], errno);
    return 0;
}
