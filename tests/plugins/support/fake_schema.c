#include "tests/plugins/support/fake_schema.h"

#include "adapters/driven/plugin_host/crossing.h"
#include "adapters/driving/cli/plugin_checks.h"

static int32_t validate(void *ctx, hexmcp_str schema, hexmcp_str value, uint32_t flags,
                        void (*told)(void *arg, hexmcp_str json), void *arg, hexmcp_error *out)
{
    struct plugin_checker checker = {.regex = NULL};
    struct plugin_checks checks = plugin_checker_functions(&checker);
    struct buffer result = BUFFER_INIT;
    struct error err;
    (void)ctx;
    int32_t rc = checks.check_value(checks.ctx, str_from_plugin(schema), str_from_plugin(value),
                                    flags & HEXMCP_SCHEMA_FORMATS, &result, &err);
    if (rc)
        tell_plugin(&err, out);
    else
        told(arg, (hexmcp_str){result.data, result.len});
    buffer_clear(&result);
    return rc;
}

const hexmcp_schema_1 *fake_schema(void)
{
    static const hexmcp_schema_1 table = {.size = sizeof(table), .validate = validate};
    return &table;
}
