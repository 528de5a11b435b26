/* A validator within the validator: for checks that need another process image. */
#pragma once

#include "adapters/driving/validator/validator.h"

/* Runs this program with `preload` before all other libraries, for these checks only, on the file
 * `binary` of the bundle. What it finds is told, `where` before each text. False if it could not be
 * run; then the check is skipped with the reason. */
bool rerun(struct trial *t, const char *preload, const char *only, const char *binary,
           const char *where);
