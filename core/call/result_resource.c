#include "core/call/call.h"

int result_check_contents(const struct call *call, struct json result, struct error *err)
{
    struct json contents = json_get(result, STR("contents"));
    if (json_type(contents) != JSON_ARRAY || json_count(contents) == 0)
        return result_broken(call, err, "has no \"contents\"; a resource that is not there is "
                                        "HEXMCP_E_NOT_FOUND");
    struct json_iter it = json_iter(contents);
    while (json_next(&it)) {
        int rc = result_check_embedded(call, it.value, err);
        if (rc)
            return rc;
    }
    return ST_OK;
}
