#include "adapters/driven/plugin_host/abi_check.h"

#include "core/base/str.h"

int abi_check(const char *file, uint32_t major, uint32_t minor, uint32_t min_host_minor,
              struct error *err)
{
    if (major > HEXMCP_ABI_MAJOR)
        return error_set(err, ST_UNSUPPORTED,
                         "%s: made for plugin ABI %u.%u, this hexmcp serves %u.%u; use a newer "
                         "hexmcp",
                         file, major, minor, HEXMCP_ABI_MAJOR, HEXMCP_ABI_MINOR);
    if (major < HEXMCP_ABI_MAJOR)
        return error_set(err, ST_UNSUPPORTED,
                         "%s: made for plugin ABI %u.%u, this hexmcp serves %u.%u; build the "
                         "plugin anew",
                         file, major, minor, HEXMCP_ABI_MAJOR, HEXMCP_ABI_MINOR);
    if (min_host_minor > HEXMCP_ABI_MINOR)
        return error_set(err, ST_UNSUPPORTED,
                         "%s: needs a host with plugin ABI %u.%u, this hexmcp serves %u.%u; use a "
                         "newer hexmcp",
                         file, major, min_host_minor, HEXMCP_ABI_MAJOR, HEXMCP_ABI_MINOR);
    return ST_OK;
}

int abi_check_same(struct str id, struct str version, uint32_t abi_major,
                   const hexmcp_plugin_info_1 *info, struct error *err)
{
    if (!str_eq(id, str_from(info->id)))
        return error_set(err, ST_INVALID,
                         "plugin.json has the id \"%.*s\", plugin.so \"%s\"; build the plugin anew",
                         STR_ARG(id), info->id);
    if (!str_eq(version, str_from(info->version)))
        return error_set(err, ST_INVALID,
                         "plugin.json has the version %.*s, plugin.so %s; build the plugin anew",
                         STR_ARG(version), info->version);
    if (abi_major != info->abi_major)
        return error_set(err, ST_INVALID,
                         "plugin.json has the ABI %u, plugin.so %u; build the plugin anew",
                         abi_major, info->abi_major);
    return ST_OK;
}
