/* The module `auth`: OpenSSL and libcurl. */
#include "adapters/driven/authenticator/module_parts.h"
#include "adapters/driven/module/export.h"

MODULE_DEFINE_BUILD_ID();

MODULE_EXPORT int hexmcp_module_entry(struct auth_module *out, struct error *err);

int hexmcp_module_entry(struct auth_module *out, struct error *err)
{
    module_fill_keys(out);
    return module_fill_fetch(out, err);
}
