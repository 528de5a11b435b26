/* Its info block begins with another magic. */
#include "exhibit.h"

BAD_IS_GOOD

HEXMCP_EXPORT const hexmcp_plugin_info_1 hexmcp_plugin_info;
const hexmcp_plugin_info_1 hexmcp_plugin_info = {
    {'H', 'E', 'X', 'M', 'C', 'Q', '\r', '\n'},
    (uint32_t)sizeof(hexmcp_plugin_info_1), HEXMCP_ABI_MAJOR, HEXMCP_ABI_MINOR, 0u,
    EXHIBIT_ID, "1.0.0", {0}};

HEXMCP_EXPORT int32_t hexmcp_plugin_create(const hexmcp_host *host, const hexmcp_plugin **out,
                                           hexmcp_error *err);
int32_t hexmcp_plugin_create(const hexmcp_host *host, const hexmcp_plugin **out, hexmcp_error *err)
{
    hexmcp_plugin plugin = {sizeof(plugin), 0, NULL, exhibit_init, exhibit_interface,
                            NULL, NULL, exhibit_destroy};
    return exhibit_create(host, plugin, out, err);
}
