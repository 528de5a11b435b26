/*
 * tera.h - templates as of Tera and Jinja: {{ value | filter }}, {% if %}, {% for %}, {% set %}.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "value.h"

/* Renders into the output. */
void tera_render(struct render *render, hexmcp_str text, const struct value *context);
