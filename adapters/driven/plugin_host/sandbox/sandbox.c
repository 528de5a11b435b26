#include "adapters/driven/plugin_host/sandbox/sandbox.h"

#include "adapters/driven/plugin_host/sandbox/calls.h"
#include "adapters/driven/plugin_host/sandbox/denied.h"
#include "adapters/driven/plugin_host/sandbox/descriptors.h"
#include "adapters/driven/plugin_host/sandbox/files.h"
#include "adapters/driven/plugin_host/sandbox/resources.h"
#include "adapters/driven/plugin_host/sandbox/privileges.h"
#include "adapters/driven/plugin_host/sandbox/one_thread.h"

int sandbox_enter(const struct sandbox_plan *plan, struct sandbox_report *report,
                  struct error *err)
{
    *report = (struct sandbox_report){0};
    int rc = one_thread_check(plan, report, err);
    if (rc == ST_OK)
        rc = descriptors_restrict(plan, err);
    if (rc == ST_OK)
        rc = privileges_freeze(err);
    if (rc == ST_OK)
        rc = resources_restrict(plan, err);
    if (rc == ST_OK)
        rc = files_restrict(plan, report, err);
    if (rc == ST_OK)
        rc = privileges_drop(err);
    if (rc == ST_OK)
        rc = denied_install(plan->report_fd, err);
    return rc == ST_OK ? calls_restrict(plan, report, err) : rc;
}
