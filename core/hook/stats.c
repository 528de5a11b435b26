#include <stdio.h>
#include <stdlib.h>

#include "core/hook/hook.h"

void hook_samples_add(struct hook_samples *samples, uint64_t now_ns, uint64_t took_ns)
{
    if (!samples->took_ns) {
        samples->took_ns = malloc(HOOK_SAMPLES * sizeof(uint32_t));
        samples->at_ns = samples->took_ns ? malloc(HOOK_SAMPLES * sizeof(uint64_t)) : NULL;
        if (!samples->at_ns) {
            hook_samples_clear(samples);
            return;
        }
    }
    samples->took_ns[samples->next] = took_ns > UINT32_MAX ? UINT32_MAX : (uint32_t)took_ns;
    samples->at_ns[samples->next] = now_ns;
    samples->next = (samples->next + 1) % HOOK_SAMPLES;
    if (samples->count < HOOK_SAMPLES)
        samples->count++;
}

static int by_size(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

uint64_t hook_samples_percentile(const struct hook_samples *samples, uint64_t now_ns,
                                 unsigned percent)
{
    uint32_t sorted[HOOK_SAMPLES], count = 0;
    for (uint32_t i = 0; i < samples->count; i++)
        if (now_ns - samples->at_ns[i] <= HOOK_SAMPLE_AGE_NS)
            sorted[count++] = samples->took_ns[i];
    if (count == 0)
        return 0;
    qsort(sorted, count, sizeof(*sorted), by_size);
    uint32_t rank = (count * percent + 99) / 100; /* the nearest rank */
    return sorted[rank ? rank - 1 : 0];
}

void hook_samples_clear(struct hook_samples *samples)
{
    free(samples->took_ns);
    free(samples->at_ns);
    *samples = (struct hook_samples){0};
}

static void complain(const struct hooks *hooks, const struct hook *hook, const char *text)
{
    if (hooks->parts.complain)
        hooks->parts.complain(hooks->parts.complain_ctx, hook->definition.name, str_from(text));
}

static void count_failure(struct hooks *hooks, struct hook *hook, uint64_t now_ns,
                          const struct error *failure)
{
    hook->errors++;
    snprintf(hook->last_error, sizeof(hook->last_error), "%s", failure->text);
    complain(hooks, hook, hook->last_error);
    if (breaker_report(&hook->breaker, BREAKER_FAILURE, now_ns))
        complain(hooks, hook, "is not asked for 15 seconds: it failed too often");
}

void hook_count(struct hooks *hooks, struct hook *hook, uint64_t began_ns, uint64_t now_ns,
                enum hook_result result, const struct error *failure)
{
    uint64_t took_ns = now_ns - began_ns;
    bool slow = hook->has_run && took_ns > (uint64_t)hook->definition.budget_ms * 500000u;
    hook->has_run = true;
    hook->runs++;
    hook_samples_add(&hook->samples, now_ns, took_ns);
    if (failure->code) {
        count_failure(hooks, hook, now_ns, failure);
        return;
    }
    hook->results[result]++;
    if (!slow && hook->breaker.state == BREAKER_CLOSED)
        return;
    if (breaker_report(&hook->breaker, slow ? BREAKER_WAS_SLOW : BREAKER_SUCCESS, now_ns))
        complain(hooks, hook, "is not asked for 15 seconds: it was slow twice");
}
