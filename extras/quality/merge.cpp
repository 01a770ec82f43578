#include "extras/quality/merge.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <numeric>

#include "base/text.h"

namespace slimscale::quality {
namespace {

constexpr double kSameDecibels = 0.001;  // equal pictures give bicubic the same PSNR up to rounding in doubles

std::string file_name(const std::string &path) {
    return std::filesystem::path(path).filename().native();
}

bool same_pictures(const Score &a, const Score &b) {
    return a.psnr == b.psnr || std::abs(a.psnr - b.psnr) < kSameDecibels;  // infinities are equal
}

Status compare(const ImageScores &ours, const ImageScores &theirs) {
    const std::string name = file_name(ours.image);
    if (ours.width != theirs.width || ours.height != theirs.height)
        return Error{name + " has " + base::size_text(ours.width, ours.height) + " pixels here and " +
                     base::size_text(theirs.width, theirs.height) + " there"};
    if (!same_pictures(ours.bicubic.luma, theirs.bicubic.luma))
        return Error{name + " is another picture there: bicubic's scores differ"};
    return Status();
}

using ByName = std::map<std::string, const ImageScores *>;

Status index_by_name(const Evaluation &evaluation, ByName &by_name) {
    for (const ImageScores &image : evaluation.images)
        if (!by_name.emplace(file_name(image.image), &image).second)
            return Error{"two images are called " + file_name(image.image) + "; evaluate their folders apart"};
    return Status();
}

// matched[i] belongs to evaluation.images[i].
Status match(const Evaluation &evaluation, const Evaluation &other, std::vector<const ImageScores *> &matched) {
    ByName ours, theirs;
    SLIMSCALE_RETURN_IF_ERROR(index_by_name(evaluation, ours));
    SLIMSCALE_RETURN_IF_ERROR(index_by_name(other, theirs));
    for (const auto &[name, image] : theirs)
        if (ours.count(name) == 0)
            return Error{name + " is among its images only"};
    for (const ImageScores &image : evaluation.images) {
        const auto found = theirs.find(file_name(image.image));
        if (found == theirs.end())
            return Error{file_name(image.image) + " is not among its images"};
        SLIMSCALE_RETURN_IF_ERROR(compare(image, *found->second));
        matched.push_back(found->second);
    }
    return Status();
}

template <class Item>
void reorder(std::vector<Item> &items, const std::vector<size_t> &order) {
    std::vector<Item> sorted;
    sorted.reserve(items.size());
    for (size_t index : order)
        sorted.push_back(std::move(items[index]));
    items = std::move(sorted);
}

void sort_by_channels(Evaluation &evaluation) {
    std::vector<size_t> order(evaluation.subjects.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
        return evaluation.subjects[a].channels < evaluation.subjects[b].channels;
    });
    reorder(evaluation.subjects, order);
    for (ImageScores &image : evaluation.images)
        reorder(image.subjects, order);
}

}  // namespace

Status merge(Evaluation &evaluation, const Evaluation &other) {
    if (evaluation.scale != other.scale)
        return Error{"it is of scale " + std::to_string(other.scale) + ", and this evaluation is of " +
                     std::to_string(evaluation.scale)};
    if (evaluation.colors != other.colors)
        return Error{"one of the two is of luma networks, the other of color networks"};
    if (evaluation.degrade != other.degrade)
        return Error{"the small images were degraded in other ways"};
    std::vector<const ImageScores *> matched;
    SLIMSCALE_RETURN_IF_ERROR(match(evaluation, other, matched));
    const auto append = [](auto &to, const auto &from) { to.insert(to.end(), from.begin(), from.end()); };
    append(evaluation.subjects, other.subjects);
    for (size_t i = 0; i < evaluation.images.size(); i++)
        append(evaluation.images[i].subjects, matched[i]->subjects);
    sort_by_channels(evaluation);
    return Status();
}

}  // namespace slimscale::quality
