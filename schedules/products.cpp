#include "schedules/products.h"

#include <algorithm>

namespace slimscale::schedules {

using namespace Halide;
using contract::kPair;

void schedule_products(Func sum, int update, const std::vector<Var> &columns, bool q16, const Blocking &b) {
    const Var c = sum.args().front();
    Var lane("lane");
    RVar r = sum.rvars(update)[0];
    Stage products = sum.update(update);
    std::vector<VarOrRVar> order{c};
    order.insert(order.end(), columns.begin(), columns.end());
    if (q16) {
        RVar pairs("pairs"), pair("pair");
        order.insert(order.begin(), {pair, lane});
        order.push_back(pairs);
        products.split(r, pairs, pair, kPair).split(c, c, lane, b.lanes).reorder(order);
        products.atomic().vectorize(pair).vectorize(lane).unroll(c);
        r = pairs;
    } else {
        order.push_back(r);
        products.reorder(order).vectorize(c, b.lanes).unroll(c);
    }
    for (const Var &column : columns)
        products.unroll(column);
    products.unroll(r, q16 ? std::max(1, b.unroll / kPair) : b.unroll);
}

}  // namespace slimscale::schedules
