/* The services that have a port behind them: one row each, in the order of their ids. */
#include "adapters/driven/plugin_host/services/kinds.h"

const struct service_kind *const service_kinds[] = {
    &events_kind,
    &kv_kind,
    &metrics_kind,
    &process_kind,
    &secrets_kind,
    &http_kind,
    &net_kind,
    &operations_kind,
    NULL,
};
