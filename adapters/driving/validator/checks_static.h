/* What is found without running anything of the plugin (level 1). */
#pragma once

#include "adapters/driving/validator/validator.h"

void check_manifest(struct trial *t);
void check_names(struct trial *t);
void check_digest(struct trial *t);
void check_permissions(struct trial *t);
void check_elf(struct trial *t);
void check_info(struct trial *t);
void check_agreement(struct trial *t);
void check_exports(struct trial *t);
void check_undefined(struct trial *t);
void check_hardening(struct trial *t);
void check_libraries(struct trial *t);
void check_config_schema(struct trial *t);
void check_grants(struct trial *t);
