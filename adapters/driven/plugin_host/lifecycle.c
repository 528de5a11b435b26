#include "adapters/driven/plugin_host/lifecycle.h"

#define TO(state) (1u << PLUGIN_##state)
#define FN(function) PLUGIN_FN_##function

static const struct {
    const char *name;
    unsigned functions; /* that may be called */
    unsigned next;      /* states that may follow */
} states[PLUGIN_STATE_COUNT] = {
    [PLUGIN_DISCOVERED] = {"not enabled", 0, TO(VERIFIED) | TO(REJECTED)},
    [PLUGIN_REJECTED] = {"refused", 0, 0},
    [PLUGIN_VERIFIED] = {"verified", 0, TO(LOADED) | TO(STARTING) | TO(FAILED)},
    [PLUGIN_STARTING] = {"starting", FN(CALL) | FN(CANCEL),
                         TO(ACTIVE) | TO(VERIFIED) | TO(DRAINING) | TO(FAILED) | TO(QUARANTINED)},
    [PLUGIN_LOADED] = {"loaded", FN(CREATE), TO(CREATED) | TO(FAILED)},
    [PLUGIN_CREATED] = {"created", FN(INIT) | FN(DESTROY), TO(READY) | TO(FAILED)},
    [PLUGIN_READY] = {"ready", FN(GET_INTERFACE) | FN(START) | FN(DESTROY),
                      TO(ACTIVE) | TO(FAILED) | TO(RETIRED)},
    [PLUGIN_ACTIVE] = {"active", FN(GET_INTERFACE) | FN(CALL) | FN(CANCEL),
                       TO(DRAINING) | TO(QUARANTINED) | TO(VERIFIED)},
    [PLUGIN_DRAINING] = {"draining", FN(GET_INTERFACE) | FN(CANCEL) | FN(STOP) | FN(DESTROY),
                         TO(RETIRED)},
    [PLUGIN_RETIRED] = {"retired", 0, 0},
    [PLUGIN_FAILED] = {"failed", 0, 0},
    [PLUGIN_QUARANTINED] = {"quarantined", FN(CANCEL), TO(DRAINING)},
};

const char *lifecycle_name(enum plugin_state state)
{
    return (unsigned)state < PLUGIN_STATE_COUNT ? states[state].name : "";
}

bool lifecycle_may_call(enum plugin_state state, enum plugin_function function)
{
    return (states[state].functions & (unsigned)function) != 0;
}

bool lifecycle_may_move(enum plugin_state from, enum plugin_state to)
{
    return (states[from].next & (1u << to)) != 0;
}
