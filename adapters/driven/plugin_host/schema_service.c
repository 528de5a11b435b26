#include "adapters/driven/plugin_host/schema_service.h"

#include "adapters/driven/plugin_host/crossing.h"

static int check_limits(struct str schema, struct str value, uint32_t flags, struct error *err)
{
    if (flags & ~HEXMCP_SCHEMA_FORMATS)
        return error_set(err, ST_UNSUPPORTED, "flags %u are unknown to this host", flags);
    if (schema.len > HEXMCP_SCHEMA_BYTES_MAX)
        return error_set(err, ST_TOO_LARGE, "the schema has %zu bytes, more than %d", schema.len,
                         HEXMCP_SCHEMA_BYTES_MAX);
    if (value.len > HEXMCP_SCHEMA_VALUE_BYTES_MAX)
        return error_set(err, ST_TOO_LARGE, "the value has %zu bytes, more than %d", value.len,
                         HEXMCP_SCHEMA_VALUE_BYTES_MAX);
    return ST_OK;
}

static int32_t service_validate(void *ctx, hexmcp_str schema, hexmcp_str value, uint32_t flags,
                                void (*told)(void *arg, hexmcp_str json), void *arg,
                                hexmcp_error *out)
{
    const struct plugin *p = ctx;
    const struct plugin_checks *checks = &p->host->config.checks;
    struct buffer result = BUFFER_INIT;
    struct error err;
    int rc = check_limits(str_from_plugin(schema), str_from_plugin(value), flags, &err);
    if (!rc)
        rc = checks->check_value(checks->ctx, str_from_plugin(schema), str_from_plugin(value),
                                 flags & HEXMCP_SCHEMA_FORMATS, &result, &err);
    if (!rc && buffer_failed(&result))
        rc = error_set(&err, ST_NOMEM, "out of memory for the faults");
    if (rc)
        tell_plugin(&err, out);
    else
        told(arg, (hexmcp_str){result.data, result.len});
    buffer_clear(&result);
    return rc;
}

const hexmcp_schema_1 *schema_service_of(const struct plugin *p)
{
    return p->host->config.checks.check_value ? &p->schemas : NULL;
}

void schema_service_init(struct plugin *p)
{
    p->schemas = (hexmcp_schema_1){
        .size = sizeof(p->schemas), .ctx = p, .validate = service_validate};
}
