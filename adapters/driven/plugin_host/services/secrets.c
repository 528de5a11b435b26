/* hexmcp.secrets/1 */
#include "hexmcp/host/secrets.h"

#include <stdio.h>

#include "adapters/driven/plugin_host/crossing.h"
#include "adapters/driven/plugin_host/services/answer.h"
#include "adapters/driven/plugin_host/services/kinds.h"
#include "adapters/driven/secret_store/secret_store.h"
#include "core/base/str.h"

_Static_assert(HEXMCP_SECRET_NAME_MAX == SECRET_NAME_MAX, "one limit of names");
_Static_assert(HEXMCP_SECRET_HANDLE_SIZE ==
                   sizeof(SECRET_HANDLE_OPEN SECRET_HANDLE_CLOSE) + SECRET_NAME_MAX,
               "room for the longest handle");

/* What was granted is not known in a helper; the host checks each use. */
static int32_t secrets_handle(void *ctx, hexmcp_str given, char out[HEXMCP_SECRET_HANDLE_SIZE])
{
    struct str name = str_from_plugin(given);
    (void)ctx;
    if (!secret_name_valid(name))
        return HEXMCP_E_INVALID;
    snprintf(out, HEXMCP_SECRET_HANDLE_SIZE, SECRET_HANDLE_OPEN "%.*s" SECRET_HANDLE_CLOSE,
             STR_ARG(name));
    return HEXMCP_OK;
}

static int32_t secrets_reveal(void *ctx, hexmcp_str name, hexmcp_reply_fn reply, void *arg)
{
    return answer_request(ctx, SECRETS_REVEAL, (hexmcp_str){"", 0}, name, reply, arg);
}

static void fill(void *table, struct service_link *link)
{
    hexmcp_secrets_1 *secrets = table;
    *secrets = (hexmcp_secrets_1){.size = sizeof(*secrets),
                                  .ctx = link,
                                  .handle = secrets_handle,
                                  .reveal = secrets_reveal};
}

const struct service_kind secrets_kind = {HEXMCP_SECRETS_1, sizeof(hexmcp_secrets_1), fill};
