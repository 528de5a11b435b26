/*
 * selector.h - whether a text is a CSS selector of the kind that is let through to the library.
 *
 * SPDX-License-Identifier: MIT
 *
 * Modest crashes on broken selectors and on some good ones (":contains()", ":dir()"), and answers others
 * wrongly. Here stands what was tried: type, universal, #id, .class and attribute selectors, the four
 * combinators, :not(), :has(), :matches(), :nth-...() and classes of structure. No escapes.
 */
#pragma once

#include <stdbool.h>

#define SELECTOR_LONGEST 500

/* Parentheses in each other. */
#define SELECTOR_DEEPEST 4

/* Combinators in one selector: the time grows with the depth of the page to this power. */
#define SELECTOR_STEPS 8

bool selector_is_good(const char *text);
