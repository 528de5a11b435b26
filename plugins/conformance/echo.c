/* Tools that tell what they were called with. */
#include "conformance.h"

int32_t tool_schema(const struct round *r)
{
    return answer_text(r, "JSON Schema 2020-12 tool called with: %.*s", (int)r->args.len,
                       r->args.ptr);
}

int32_t tool_header(const struct round *r)
{
    char *region = text_of(argument(r, "region", "\"<none>\""));
    int32_t status = region ? answer_text(r, "region=%s", region)
                            : hexmcp_fail(r->err, HEXMCP_E_INVALID, "`region` must be a text");
    free(region);
    return status;
}
