/* Tools that tell what they were called with. */
#include "conformance.h"

int32_t tool_schema(const hexmcp_round *r)
{
    return hexmcp_round_textf(r, "JSON Schema 2020-12 tool called with: %.*s", (int)r->args.len,
                       r->args.ptr);
}

int32_t tool_header(const hexmcp_round *r)
{
    char *region = text_of(argument(r, "region", "\"<none>\""));
    int32_t status = region ? hexmcp_round_textf(r, "region=%s", region)
                            : hexmcp_fail(r->err, HEXMCP_E_INVALID, "`region` must be a text");
    free(region);
    return status;
}
