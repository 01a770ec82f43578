// Draws the charts of a page from the JSON beside it (chart.h says what a chart is), with Chart.js.
(() => {
    'use strict';
    const kBoxHeight = 290, kMostLabels = 200, kCloud = 5000, kMarkersOfLongCurves = 6;
    // By style: colour --s0 to --s5, dash and marker, so that series read without colour.
    const kDashes = [[], [7, 4], [2, 4], [9, 4, 2, 4], [14, 4], [5, 4, 2, 4, 2, 4]];
    const kMarkers = ['circle', 'rect', 'triangle', 'rectRot', 'triangle', 'crossRot'];
    const kUpsideDown = 4;

    const specs = JSON.parse(document.getElementById('charts').textContent);
    const colour = name => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
    const compact = new Intl.NumberFormat('en', {notation: 'compact', maximumSignificantDigits: 6});

    function readable(value, digits = 5) {
        const size = Math.abs(value);
        if (size >= 1e3 && size < 1e15) return value.toLocaleString('en', {maximumFractionDigits: 0});
        const rounded = Number(value.toPrecision(digits));
        return size !== 0 && size < 1e-3 ? rounded.toExponential() : String(rounded);
    }

    function tickText(value, index, ticks) {
        const step = ticks.length > 1 ? Math.abs(ticks[1].value - ticks[0].value) : 1;
        const size = Math.abs(value);
        if (value === 0) return '0';
        if (size >= 1e4) return compact.format(value).replace('K', 'k');
        if (size < 1e-3) return Number(value.toPrecision(6)).toExponential();
        return this.type === 'logarithmic' ? String(Number(value.toPrecision(6)))
                                           : value.toFixed(Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
    }

    // 1, 2 and 5 of every decade; where those are too many, powers of ten alone. The axis' ends are no round numbers.
    function thinLogTicks(scale) {
        const decades = Math.log10(scale.max / scale.min);
        const leads = decades > 3 ? [1] : decades > 1 ? [1, 2, 5] : [1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9];
        const kept = scale.ticks.filter(({value}) => {
            const lead = value / 10 ** Math.floor(Math.log10(value) + 1e-9);
            return leads.some(wanted => Math.abs(lead - wanted) < 1e-6);
        });
        if (kept.length >= 2) scale.ticks = kept;
    }

    // Around all values; a logarithmic axis of Chart.js would begin and end at round numbers, far away.
    function ends(spec, values) {
        const known = values.filter(value => value !== null);
        const low = known.reduce((a, b) => Math.min(a, b)), high = known.reduce((a, b) => Math.max(a, b));
        const factor = low === high ? 2 : (high / low) ** 0.05, margin = (high - low) * 0.05;
        if (spec.log) return {min: low / factor, max: high * factor};
        // What cannot be negative does not look as if it were.
        return {suggestedMin: low >= 0 ? Math.max(0, low - margin) : low - margin, suggestedMax: high + margin};
    }

    // An axis that ends where its data end has its first and last tick there, whatever they are.
    function roundTicks(scale) {
        if (scale.ticks.length < 4) return;
        const step = scale.ticks[2].value - scale.ticks[1].value;
        scale.ticks = scale.ticks.filter(({value}) => Math.abs(value / step - Math.round(value / step)) < 1e-6);
    }

    function axis(spec, curves, isX, values) {
        const free = curves && isX ? {bounds: 'data'} : ends(spec, values);
        return {
            ...free,
            type: spec.log ? 'logarithmic' : 'linear',
            min: spec.low ?? free.min,
            max: spec.high ?? free.max,
            title: {display: spec.title !== '', text: spec.title},
            grid: {display: !isX, color: colour('rule'), borderColor: colour('muted'), drawTicks: isX, tickLength: isX ? 4 : 0},
            ticks: {callback: tickText, maxRotation: 0, autoSkipPadding: 16, maxTicksLimit: 9, padding: isX ? 2 : 6, includeBounds: false},
            afterBuildTicks: spec.log ? thinLogTicks : roundTicks,
        };
    }

    function dataset(series, index, spec, several) {
        const wanted = series.style < 0 ? index : series.style, count = series.x.length;
        const style = wanted % kDashes.length;
        const look = (style + Math.floor(wanted / kDashes.length)) % kDashes.length;  // of one colour's second series
        const line = colour('s' + style), crossed = kMarkers[look] === 'crossRot';
        const cloud = count > kCloud;  // curves are never that long: so many dashes, lines and outlines would take minutes
        const marked = !series.faint && (!spec.curves || several || count === 1), radius = cloud ? 1 : marked ? 4 : 0;
        const few = !spec.curves || count <= 4 * kMarkersOfLongCurves;
        const stride = Math.ceil(count / kMarkersOfLongCurves), first = Math.floor(stride * (1 - style / kDashes.length));
        return {
            label: series.name,
            data: series.x.map((x, i) => ({x, y: series.y[i]})),
            faint: series.faint,
            borderColor: series.faint ? line + '60' : line,
            backgroundColor: line,
            borderWidth: series.faint ? 1 : 1.75,
            borderJoinStyle: 'round',
            borderDash: series.faint ? [] : kDashes[look],
            pointStyle: cloud ? 'rect' : kMarkers[look],
            rotation: look === kUpsideDown ? 180 : 0,
            pointRadius: few ? radius : series.x.map((_, i) => (i - first) % stride === 0 ? radius : 0),
            pointHoverRadius: series.faint ? 0 : 5,
            pointBorderColor: crossed ? line : colour('page'),
            pointBorderWidth: cloud ? 0 : crossed ? 2 : 1,
            showLine: !cloud,
        };
    }

    // Of every curve the point nearest to the pointer, of those that stand above one another.
    Chart.Interaction.modes.column = (chart, event) => {
        const found = [];
        for (const meta of chart.getSortedVisibleDatasetMetas()) {
            let nearest = null;
            if (meta._dataset.faint) continue;
            meta.data.forEach((element, index) => {
                const away = Math.abs(element.x - event.x);
                if (!element.skip && (!nearest || away < nearest.away))
                    nearest = {element, index, datasetIndex: meta.index, away};
            });
            if (nearest) found.push(nearest);
        }
        const least = Math.min(...found.map(item => item.away));
        return found.filter(item => item.away < least + 8);
    };

    // Reference lines with their names, and the labels of points at the first place beside them that covers nothing.
    function notes(spec) {
        const covers = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
        function write(context, text, box) {
            context.strokeText(text, box.left, box.top);
            context.fillText(text, box.left, box.top);
        }
        function drawReferences(context, area, scale) {
            for (const reference of spec.references) {
                const y = scale.getPixelForValue(reference.y), text = reference.name + ' ' + readable(reference.y, 4);
                if (!(y >= area.top && y <= area.bottom)) continue;
                context.setLineDash([2, 3]);
                context.strokeStyle = colour('text');
                context.lineWidth = 1;
                context.beginPath();
                context.moveTo(area.left, y);
                context.lineTo(area.right, y);
                context.stroke();
                context.setLineDash([]);
                context.strokeStyle = colour('page');
                context.lineWidth = 3;
                write(context, text, {left: area.right - context.measureText(text).width - 4,
                                      top: y - area.top > 20 ? y - 17 : y + 5});
            }
        }
        function drawLabels(context, area, chart) {
            const points = [];
            for (const meta of chart.getSortedVisibleDatasetMetas())
                meta.data.forEach(({x, y, skip}, i) => skip || points.push({x, y, text: spec.series[meta.index].labels[i]}));
            if (points.length > kMostLabels) return;
            const taken = points.map(({x, y}) => ({left: x - 5, right: x + 5, top: y - 5, bottom: y + 5}));
            for (const {x, y, text} of points.filter(point => point.text)) {
                const width = context.measureText(text).width, height = 12;
                const boxes = [[x - width / 2, y - 8 - height], [x - width / 2, y + 8], [x + 9, y - height / 2],
                               [x - 9 - width, y - height / 2]]
                    .map(([left, top]) => ({left, top, right: left + width, bottom: top + height}));
                const free = boxes.find(box => box.left >= area.left && box.right <= area.right && box.top >= area.top &&
                                               box.bottom <= area.bottom && !taken.some(other => covers(box, other)));
                taken.push(free || boxes[0]);
                write(context, text, free || boxes[0]);
            }
        }
        return {
            id: 'notes',
            afterDatasetsDraw(chart) {
                const {ctx: context, chartArea: area, scales} = chart;
                context.save();
                context.font = '12px ' + Chart.defaults.font.family;
                context.textBaseline = 'top';
                context.lineJoin = 'round';
                context.fillStyle = colour('text');
                drawReferences(context, area, scales.y);
                context.strokeStyle = colour('page');
                context.lineWidth = 3;
                drawLabels(context, area, chart);
                context.restore();
            },
            // The legend adds to the height instead of taking from the plot.
            afterRender(chart) {
                const box = chart.canvas.parentNode.style, height = kBoxHeight + Math.max(0, chart.legend.height - 24) + 'px';
                if (box.height === height) return;
                box.height = height;
                chart.resize();
            },
        };
    }

    function tooltip(spec) {
        const value = (axisSpec, number) => (axisSpec.title ? axisSpec.title + ' ' : '') + readable(number);
        return {
            displayColors: false,
            callbacks: spec.curves ? {
                title: items => items.length ? value(spec.x, items[0].parsed.x) : '',
                label: item => (item.dataset.label || spec.y.title || spec.title) + ': ' + readable(item.parsed.y),
            } : {
                title: items => items.map(item => [item.dataset.label, spec.series[item.datasetIndex].labels[item.dataIndex]]
                    .filter(Boolean).join(', ')),
                label: item => [value(spec.x, item.parsed.x), value(spec.y, item.parsed.y)],
            },
        };
    }

    function draw(canvas, spec) {
        const clear = spec.series.filter(series => !series.faint), named = spec.series.filter(series => series.name);
        const references = spec.references.map(reference => reference.y);
        const all = name => spec.series.flatMap(series => series[name]);
        const x = axis(spec.x, spec.curves, true, all('x')), y = axis(spec.y, spec.curves, false, all('y').concat(references));
        return new Chart(canvas, {
            type: 'line',
            data: {datasets: spec.series.map((series, i) => dataset(series, i, spec, clear.length > 1))},
            options: {
                animation: false,
                maintainAspectRatio: false,
                normalized: true,
                parsing: false,
                clip: 5,
                interaction: spec.curves ? {mode: 'column', intersect: false} : {mode: 'nearest', intersect: true},
                scales: {x, y},
                plugins: {
                    legend: {
                        display: named.length > 1,
                        align: 'start',
                        labels: {usePointStyle: true, boxHeight: 7, padding: 10, filter: item => item.text !== ''},
                    },
                    tooltip: tooltip(spec),
                },
            },
            plugins: [notes(spec)],
        });
    }

    let drawn = [];
    function drawAll() {
        drawn.forEach(chart => chart.destroy());
        Chart.defaults.color = colour('muted');
        Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
        drawn = [...document.querySelectorAll('.plot canvas')].map(canvas => draw(canvas, specs[canvas.dataset.chart]));
        document.documentElement.dataset.drawn = drawn.length;  // for tests
    }
    for (const box of document.querySelectorAll('.plot .canvas')) {
        const canvas = box.appendChild(document.createElement('canvas'));
        canvas.dataset.chart = box.dataset.chart;
        canvas.setAttribute('role', 'img');
        canvas.setAttribute('aria-label', specs[box.dataset.chart].title);
    }
    // What stands open for readers without JavaScript.
    document.querySelectorAll('.plot details').forEach(details => details.removeAttribute('open'));
    drawAll();
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
    addEventListener('beforeprint', () => drawn.forEach(chart => chart.resize()));
    addEventListener('afterprint', () => drawn.forEach(chart => chart.resize()));
})();
