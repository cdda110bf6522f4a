import groovy.json.JsonSlurper

import java.nio.file.Path

import nextflow.Nextflow
import nextflow.splitter.CsvSplitter

/** What a user gives, before anything runs: each mistake is one line that says where it is and what is allowed. */
class Checks {
    static final List<String> STEPS =
        ['validate', 'preprocess', 'calibrate', 'reconstruct', 'resolution', 'compare', 'report']

    /** Every parameter is known to the schema, of its type, and one of its words where it has some. */
    static void parameters(Map params, String schemaFile) {
        def known = [:]
        new JsonSlurper().parse(new File(schemaFile)).definitions.each { name, group -> known.putAll(group.properties) }
        params.each { name, value ->
            if (name.contains('-')) return // Nextflow's own second spelling of a name in camel case
            def rule = known[name]
            if (!rule) fail("--${name} is unknown; there are ${known.keySet().sort().join(', ')}")
            if (value == null) return
            def isType = [string: { it instanceof CharSequence }, integer: { it instanceof Integer && it >= (rule.minimum ?: 0) },
                          boolean: { it instanceof Boolean }][rule.type]
            if (!isType(value)) fail("--${name} is '${value}'; it must be ${rule.type}${rule.minimum ? " from ${rule.minimum}" : ''}")
            if (rule.enum && !(value in rule.enum)) fail("--${name} is '${value}'; it must be one of ${rule.enum.join(', ')}")
        }
        known.findAll { name, rule -> rule.required && !params[name] }.each { name, rule ->
            fail("--${name} is missing: ${rule.description}")
        }
    }

    /** The words of --steps, in the order of the chain. */
    static List<String> steps(String words) {
        def wanted = words.tokenize(',')*.trim()
        def unknown = wanted - STEPS
        if (unknown) fail("--steps names ${unknown.join(', ')}; there are ${STEPS.join(', ')}")
        if (!('reconstruct' in wanted)) fail('--steps must name reconstruct')
        return STEPS.findAll { it in wanted }
    }

    /** Rows of the sample sheet: name, config, data, reference (or null), extra and sets (lists). */
    static List<Map> samples(Path sheet) {
        def rows = table(sheet, ['sample', 'config', 'data'], ['reference', 'extra', 'set'])
        def names = rows.collect { checkedName(sheet, it.row, 'sample', it.sample) }
        unique(sheet, names)
        return rows.collect {
            [name: it.sample, config: from(sheet, it.config), data: from(sheet, it.data),
             reference: it.reference ? from(sheet, it.reference) : null,
             extra: list(it.extra).collect { one -> from(sheet, one) }, sets: assignments(sheet, it.row, it.set)]
        }
    }

    /** Rows of the sheet of variants: name and sets. */
    static List<Map> variants(Path sheet) {
        def rows = table(sheet, ['variant'], ['set'])
        unique(sheet, rows.collect { checkedName(sheet, it.row, 'variant', it.variant) })
        return rows.collect { [name: it.variant, sets: assignments(sheet, it.row, it.set)] }
    }

    /** --set options for a shell. */
    static String options(List<String> sets) {
        return sets.collect { "--set '${it}'" }.join(' ')
    }

    private static void fail(String message) {
        Nextflow.error(message)
    }

    private static List<Map> table(Path sheet, List<String> required, List<String> optional) {
        def rows = new CsvSplitter().target(sheet).options(header: true, strip: true, quote: '"').list()
        if (!rows) fail("${sheet} holds no row below its head ${(required + optional).join(',')}")
        def unknown = rows[0].keySet() - required - optional
        if (unknown) fail("${sheet} has the column ${unknown.join(', ')}; there are ${(required + optional).join(', ')}")
        rows.eachWithIndex { row, i ->
            row.row = i + 2
            required.each { if (!row[it]) fail("${sheet} line ${row.row}: ${it} is empty") }
        }
        return rows
    }

    private static String checkedName(Path sheet, int row, String column, String name) {
        if (!(name ==~ /[A-Za-z0-9][A-Za-z0-9_-]*/))
            fail("${sheet} line ${row}: ${column} is '${name}'; letters, digits, _ and - make a name, which becomes a folder")
        return name
    }

    private static void unique(Path sheet, List<String> names) {
        def twice = names.countBy { it }.findAll { name, count -> count > 1 }.keySet()
        if (twice) fail("${sheet} has ${twice.join(', ')} more than once")
    }

    /** Files are relative to the sheet that names them. */
    private static String from(Path sheet, String name) {
        return name.startsWith('/') || name.contains('://') ? name : sheet.toAbsolutePath().parent.resolve(name).toString()
    }

    private static List<String> list(String text) {
        return (text ?: '').tokenize(';')*.trim().findAll { it }
    }

    /** "a.b=c; d=e": quotes would leave the shell's. */
    private static List<String> assignments(Path sheet, int row, String text) {
        def found = list(text)
        found.each {
            if (!it.contains('=') || it.contains("'"))
                fail("${sheet} line ${row}: set holds '${it}'; it must be KEY=VALUE, several separated by ;, without '")
        }
        return found
    }
}
