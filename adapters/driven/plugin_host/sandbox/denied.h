/* Refused calls: the kernel raises SIGSYS, the handler writes a record and lets the call fail. */
#pragma once

#include "core/base/error.h"

/* Installs the handler; records go to `report_fd`, or nowhere if it is negative. */
int denied_install(int report_fd, struct error *err);
