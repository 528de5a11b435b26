/* The services of service_kinds, each in a file of its name. */
#pragma once

#include "adapters/driven/plugin_host/services/service.h"

extern const struct service_kind events_kind;
extern const struct service_kind kv_kind;
extern const struct service_kind metrics_kind;
extern const struct service_kind process_kind;
extern const struct service_kind secrets_kind;
extern const struct service_kind http_kind;
extern const struct service_kind net_kind;
extern const struct service_kind operations_kind;
