#include "tests/adapters/plugin_host/sandbox/machine.h"

#include "tests/adapters/plugin_host/sandbox/stage.h"

static int holds(const struct sock_filter *step, uint32_t value)
{
    switch (BPF_OP(step->code)) {
    case BPF_JEQ:
        return value == step->k;
    case BPF_JGT:
        return value > step->k;
    case BPF_JGE:
        return value >= step->k;
    case BPF_JSET:
        return (value & step->k) != 0;
    }
    fail_msg("a jump of kind 0x%x", step->code);
    return 0;
}

static uint32_t load(const struct seccomp_data *data, uint32_t offset)
{
    uint32_t word;
    assert_true(offset % sizeof(word) == 0 && offset + sizeof(word) <= sizeof(*data));
    memcpy(&word, (const char *)data + offset, sizeof(word));
    return word;
}

uint32_t machine_run(const struct sock_filter *code, size_t count, const struct seccomp_data *data)
{
    uint32_t value = 0;
    for (size_t at = 0; at < count; at++) {
        const struct sock_filter *step = &code[at];
        if (step->code == (BPF_LD | BPF_W | BPF_ABS))
            value = load(data, step->k);
        else if (step->code == (BPF_ALU | BPF_AND | BPF_K))
            value &= step->k;
        else if (step->code == (BPF_JMP | BPF_JA))
            at += step->k;
        else if (BPF_CLASS(step->code) == BPF_JMP)
            at += holds(step, value) ? step->jt : step->jf;
        else if (step->code == (BPF_RET | BPF_K))
            return step->k;
        else
            fail_msg("an instruction of code 0x%x", step->code);
    }
    fail_msg("the filter ends without an answer");
    return 0;
}
