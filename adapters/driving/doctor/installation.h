/* Inside of doctor: an examination of this installation, as its checks see it. */
#pragma once

#include "adapters/driving/doctor/report.h"

struct inspection {
    const struct doctor_installation *what;
    struct doctor_report *report;
    struct outcome *now;
};

void note(struct inspection *x, enum doctor_severity severity, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void leave_out(struct inspection *x, const char *reason);

void check_configuration(void *x);
void check_plugins(void *x);
void check_tool_list(void *x);
void check_libraries(void *x);
void check_folders(void *x);
void check_grants(void *x);
void check_clients(void *x);
void check_kernel(void *x);
