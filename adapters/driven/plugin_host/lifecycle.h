/*
 * The lifecycle of a plugin. One table says which of its functions may be called in which state,
 * and where each state leads; the loader asserts by it.
 */
#pragma once

#include <stdbool.h>

enum plugin_state {
    PLUGIN_DISCOVERED, /* listed, not enabled                                     */
    PLUGIN_REJECTED,   /* refused before anything of it ran                       */
    PLUGIN_VERIFIED,   /* enabled; will be loaded when its first call comes       */
    PLUGIN_STARTING,   /* its helper is on the way; calls wait for it             */
    PLUGIN_LOADED,     /* mapped; its constructors have run                       */
    PLUGIN_CREATED,    /* there is an instance                                    */
    PLUGIN_READY,      /* it has its settings                                     */
    PLUGIN_ACTIVE,     /* it takes calls                                          */
    PLUGIN_DRAINING,   /* it gets no new call                                     */
    PLUGIN_RETIRED,    /* its instance is gone; the mapping stays                 */
    PLUGIN_FAILED,     /* it could not be loaded or started                       */
    PLUGIN_QUARANTINED, /* it kept too many workers; runs no new call             */
    PLUGIN_STATE_COUNT,
};

enum plugin_function {
    PLUGIN_FN_CREATE = 1 << 0,
    PLUGIN_FN_INIT = 1 << 1,
    PLUGIN_FN_GET_INTERFACE = 1 << 2,
    PLUGIN_FN_START = 1 << 3,
    PLUGIN_FN_CALL = 1 << 4,
    PLUGIN_FN_CANCEL = 1 << 5,
    PLUGIN_FN_STOP = 1 << 6,
    PLUGIN_FN_DESTROY = 1 << 7,
};

/* "discovered" ... "quarantined" */
const char *lifecycle_name(enum plugin_state state);

bool lifecycle_may_call(enum plugin_state state, enum plugin_function function);
bool lifecycle_may_move(enum plugin_state from, enum plugin_state to);
