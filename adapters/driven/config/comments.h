/* JSON with comments. */
#pragma once

#include "core/base/str.h"

/* Overwrites // and block comments outside strings by spaces, in place; line breaks and so all line
 * and column numbers stay. A comma before a closing bracket goes as well. */
void comments_blank(char *text, size_t len);
