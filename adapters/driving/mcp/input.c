#include "adapters/driving/mcp/call.h"

void input_ask(struct request *r, struct json wanted)
{
    (void)wanted;
    tool_answer_text_error(r, STR("This tool asks for input from the user, which this server "
                                  "cannot pass on. Call it with all the information it needs."));
}
