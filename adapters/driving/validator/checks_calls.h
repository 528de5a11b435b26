/* Calls (levels 5 to 7), and hostile conditions (levels 8 to 10). */
#pragma once

#include "adapters/driving/validator/validator.h"

void check_items(struct trial *t);
void check_calls(struct trial *t);
void check_bad_arguments(struct trial *t);
void check_cancel(struct trial *t);
void check_threads(struct trial *t);
void check_late(struct trial *t);
void check_refusals(struct trial *t);

void check_fuzz(struct trial *t);
void check_allocation(struct trial *t);
void check_sanitizers(struct trial *t);
void check_isolated(struct trial *t);
void check_system_calls(struct trial *t);
void check_killed(struct trial *t);
void check_reload(struct trial *t);
void check_slope(struct trial *t);
