/* The tool `add`: structured output that fits an outputSchema. */
#include <math.h>

#include "everything.h"

static int32_t read_number(const hexmcp_round *r, const char *key, double *ret_value)
{
    hexmcp_str value;
    if (hexmcp_json_get(r->args, key, &value) != HEXMCP_OK ||
        hexmcp_json_double(value, ret_value) != HEXMCP_OK)
        return hexmcp_fail(r->err, HEXMCP_E_INVALID, "`%s` must be a number below 1.79e308", key);
    return HEXMCP_OK;
}

int32_t tool_add(const hexmcp_round *r)
{
    double a, b;
    hexmcp_json_writer w;
    int32_t status = read_number(r, "a", &a);
    if (status == HEXMCP_OK)
        status = read_number(r, "b", &b);
    if (status != HEXMCP_OK)
        return status;
    if (!isfinite(a + b))
        return hexmcp_fail(r->err, HEXMCP_E_TOO_LARGE, "the sum is too large; add smaller numbers");
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_key(&w, "sum");
    hexmcp_json_write_double(&w, a + b);
    hexmcp_json_end_object(&w);
    status = hexmcp_complete_structured(r->host, r->call, hexmcp_json_writer_text(&w));
    hexmcp_json_writer_free(&w);
    return status;
}
