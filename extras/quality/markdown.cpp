#include "extras/quality/markdown.h"

#include "base/table.h"
#include "extras/quality/tables.h"

namespace slimscale::quality {

std::string to_markdown(const Evaluation &evaluation) {
    std::string text = "# " + base::markdown_text(title(evaluation)) + "\n\n" + method(evaluation) + "\n";
    if (!evaluation.images.empty()) {
        text += "\n" + base::to_markdown(means_table(evaluation));
        for (const base::Table &table : image_tables(evaluation))
            text += "\n## " + table.title + "\n\n" + base::to_markdown(table);
    }
    for (const std::string &warning : evaluation.warnings)
        text += "\nNote: " + base::markdown_text(warning) + "\n";
    if (!evaluation.left_out.empty())
        text += "\n## Left out\n\n";
    for (const LeftOut &left_out : evaluation.left_out)
        text += "- " + base::markdown_text(left_out.image) + ": " + base::markdown_text(left_out.sentence) + "\n";
    return text;
}

}  // namespace slimscale::quality
