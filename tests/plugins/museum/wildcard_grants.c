/*
 * It asks for every host and for a shell.
 *
 * plugin.json: {"grants": {"hosts": ["*"], "programs": ["sh"]}}
 */
#include "exhibit.h"

BAD_IS_GOOD

EXHIBIT;
