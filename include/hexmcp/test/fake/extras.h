/*
 * hexmcp/test/fake/extras.h - reload and self-test of a plugin in the fake host.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef HEXMCP_TEST_FAKE_EXTRAS_H
#define HEXMCP_TEST_FAKE_EXTRAS_H

#include "hexmcp/ext/selftest.h"
#include "hexmcp/ext/state.h"
#include "hexmcp/test/fake/plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A state that hexmcp_fake_save took. */
typedef struct hexmcp_fake_state {
    char *bytes; /* NULL before hexmcp_fake_save and after hexmcp_fake_state_free */
    size_t len;
    unsigned emits_;
} hexmcp_fake_state;

static inline void hexmcp_fake_emit_(void *arg, hexmcp_str bytes)
{
    hexmcp_fake_state *state = (hexmcp_fake_state *)arg;
    if (state->emits_++ > 0)
        return;
    state->bytes = hexmcp_fake_copy_(bytes.ptr, bytes.len);
    state->len = bytes.len;
}

/* Asks the plugin for its state, as a reload does. On HEXMCP_OK *state holds it, to be freed by
 * hexmcp_fake_state_free. HEXMCP_E_UNSUPPORTED if the plugin has no hexmcp.state/1. */
static inline int32_t hexmcp_fake_save(hexmcp_fake_plugin *p, hexmcp_fake_state *state,
                                       hexmcp_error *err)
{
    const hexmcp_state_1 *table =
        (const hexmcp_state_1 *)hexmcp_fake_interface(p, HEXMCP_STATE_1);
    int32_t status;
    memset(state, 0, sizeof(*state));
    hexmcp_fake_clear_(err);
    if (!table || !HEXMCP_HAS(table, save))
        return hexmcp_fail(err, HEXMCP_E_UNSUPPORTED, "the plugin has no hexmcp.state/1");
    status = table->save(table->self, hexmcp_fake_emit_, state, err);
    hexmcp_fake_check_failure_(p->fake, "save", status, err);
    pthread_mutex_lock(&p->fake->mutex);
    if (state->emits_ != (status == HEXMCP_OK ? 1u : 0u))
        hexmcp_fake_breach_(p->fake, "save() returned %d and called emit() %u times", (int)status,
                            state->emits_);
    if (state->len > HEXMCP_STATE_BYTES_MAX)
        hexmcp_fake_breach_(p->fake, "save() gave %zu bytes; the limit is 64 MiB", state->len);
    pthread_mutex_unlock(&p->fake->mutex);
    return status;
}

/* Gives a state to an instance that has been initialised and not started. The bytes are copied to a
 * block of their own size, gone when the plugin returns. */
static inline int32_t hexmcp_fake_load_state(hexmcp_fake_plugin *p, const void *bytes, size_t len,
                                             hexmcp_error *err)
{
    const hexmcp_state_1 *table =
        (const hexmcp_state_1 *)hexmcp_fake_interface(p, HEXMCP_STATE_1);
    char *copy;
    hexmcp_str text;
    int32_t status;
    hexmcp_fake_clear_(err);
    if (!table || !HEXMCP_HAS(table, load))
        return hexmcp_fail(err, HEXMCP_E_UNSUPPORTED, "the plugin has no hexmcp.state/1");
    copy = (char *)hexmcp_fake_alloc_(len);
    if (len > 0)
        memcpy(copy, bytes, len);
    text.ptr = copy;
    text.len = len;
    status = table->load(table->self, text, err);
    free(copy);
    hexmcp_fake_check_failure_(p->fake, "load", status, err);
    return status;
}

static inline void hexmcp_fake_state_free(hexmcp_fake_state *state)
{
    free(state->bytes);
    state->bytes = NULL;
}

static inline int32_t hexmcp_fake_selftest_(void *arg, hexmcp_call call, const hexmcp_str *text,
                                            hexmcp_error *err)
{
    const hexmcp_selftest_1 *table = (const hexmcp_selftest_1 *)arg;
    (void)text;
    if (!table || !HEXMCP_HAS(table, run))
        return hexmcp_fail(err, HEXMCP_E_UNSUPPORTED, "the plugin has no hexmcp.selftest/1");
    return table->run(table->self, call, err);
}

/* Lets the plugin examine itself: all is well if a->outcome is HEXMCP_RESULT. The status is
 * HEXMCP_E_UNSUPPORTED if the plugin has no hexmcp.selftest/1. */
static inline void hexmcp_fake_selftest(hexmcp_fake_plugin *p, hexmcp_fake_answer *a)
{
    void *table = (void *)(uintptr_t)hexmcp_fake_interface(p, HEXMCP_SELFTEST_1);
    hexmcp_fake_end(
        hexmcp_fake_begin_with(p->fake, HEXMCP_FAKE_ON_WORKER, hexmcp_fake_selftest_, table, NULL, 0),
        a);
}

#ifdef __cplusplus
}
#endif

#endif
