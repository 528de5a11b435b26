#include "core/journal/access.h"

#include "core/base/str.h"

bool access_is_operator(const struct caller *caller)
{
    return !caller->authenticated && str_eq(caller->id, STR("stdio"));
}

bool access_sees(const struct caller *caller, const struct stored_event *event)
{
    return str_eq(event->tenant, caller->tenant) &&
           (access_is_operator(caller) || str_eq(event->caller, caller->id));
}
