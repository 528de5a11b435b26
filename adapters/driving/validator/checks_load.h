/* Loading and creating (levels 2 and 3), and the life of an instance (levels 4 and 5). */
#pragma once

#include "adapters/driving/validator/validator.h"

void check_load(struct trial *t);
void check_create(struct trial *t);
void check_constructors(struct trial *t);
void check_host_sizes(struct trial *t);
void check_interface_ids(struct trial *t);
void check_create_destroy(struct trial *t);

void check_paths(struct trial *t);
void check_bad_config(struct trial *t);
void check_two_instances(struct trial *t);
void check_stop_threads(struct trial *t);
void check_state_round_trip(struct trial *t);
void check_bad_state(struct trial *t);
