#include "adapters/driving/cli/range.h"

bool range_put(struct buffer *out, struct json low, struct json high, const char *unit)
{
    bool both = json_exists(low) && json_exists(high);
    struct str last = json_text(json_exists(high) ? high : low);
    if (!last.len)
        return false;
    buffer_add_str(out, both ? json_text(low) : json_exists(low) ? STR("at least ")
                                                                  : STR("at most "));
    buffer_add_str(out, both ? STR(" to ") : STR(""));
    buffer_add_str(out, last);
    buffer_add_str(out, str_from(unit));
    if (unit[0] && !str_eq(last, STR("1")))
        buffer_add_char(out, 's');
    return true;
}
